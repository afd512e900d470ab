"""Generation parameters of speech models: the Hub's `generation_parameters`."""

from backend.tasks.generation import Seeded
from backend.tasks.generation_fields import (
    Lengths,
    Penalties,
    SamplingFields,
    Search,
    settings_of,
)


class Decoding(Seeded, Penalties, SamplingFields, Search, Lengths):
    """Unset values are taken from the model's generation_config.json."""

    def settings(self) -> dict[str, object]:
        """The values that are set, by the names of the arguments of `generate`."""
        return settings_of(self, Lengths, Search, SamplingFields, Penalties)
