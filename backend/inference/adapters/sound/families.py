"""The families of tasks that hear or speak."""

from backend.inference.adapters.family import Family
from backend.inference.adapters.media_classification import audio_classification
from backend.inference.adapters.sound.music import Music
from backend.inference.adapters.sound.speech_generation import SpeechGeneration
from backend.inference.adapters.sound.speech_letters import SpeechLetters
from backend.inference.adapters.sound.vits import Vits
from backend.inference.adapters.sound.whisper import Whisper
from backend.inference.adapters.sound.zero_shot_audio import ZeroShotAudio

_HEARS = ("AutoFeatureExtractor", "AutoTokenizer")
_TOKENIZER = ("AutoTokenizer",)
_SEQ2SEQ = "AutoModelForSpeechSeq2Seq"
_WAVES = "AutoModelForTextToWaveform"

SOUND: dict[str, tuple[Family, ...]] = {
    "audio-classification": (
        Family(
            model="AutoModelForAudioClassification",
            processors=("AutoFeatureExtractor",),
            adapter=audio_classification,
        ),
    ),
    "automatic-speech-recognition": (
        Family(model="AutoModelForCTC", processors=_HEARS, adapter=SpeechLetters),
        Family(
            model=_SEQ2SEQ,
            kind="WhisperForConditionalGeneration",
            processors=_HEARS,
            adapter=Whisper,
        ),
        Family(model=_SEQ2SEQ, processors=_HEARS, adapter=SpeechGeneration),
    ),
    "text-to-speech": (
        Family(model=_WAVES, kind="VitsModel", processors=_TOKENIZER, adapter=Vits),
        Family(model=_WAVES, processors=_TOKENIZER, adapter=Music),
    ),
    "zero-shot-audio-classification": (
        Family(model="AutoModel", kind="ClapModel", processors=_HEARS, adapter=ZeroShotAudio),
    ),
}
