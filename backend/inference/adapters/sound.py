"""The families of tasks that hear or speak."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.zero_shot_audio import ZeroShotAudio

_HEARS = ("AutoFeatureExtractor", "AutoTokenizer")

SOUND: dict[str, tuple[Family, ...]] = {
    "zero-shot-audio-classification": (
        Family(model="AutoModel", kind="ClapModel", processors=_HEARS, adapter=ZeroShotAudio),
    ),
}
