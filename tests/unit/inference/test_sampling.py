"""Which requests may share the random generator of a batch: none that samples."""

from backend.inference.adapters.generation.sampling import sampling_of
from backend.tasks.text_generation import Parameters


def test_only_greedy_requests_have_equal_settings() -> None:
    greedy, sampled = Parameters(), Parameters(do_sample=True, seed=42)
    assert sampling_of(greedy, 5, 10) == sampling_of(greedy, 5, 10)
    assert sampling_of(sampled, 5, 10) != sampling_of(sampled, 5, 10)
    assert sampling_of(sampled, 5, 10).settings() == sampling_of(sampled, 5, 10).settings()
