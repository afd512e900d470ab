"""Model families of the audio tasks."""

from functools import partial

from backend.inference.adapters.audio.bark import Bark
from backend.inference.adapters.audio.ctc import CTCSpeechRecognition
from backend.inference.adapters.audio.speech_seq2seq import SpeechSeq2Seq
from backend.inference.adapters.audio.speecht5 import SpeechT5
from backend.inference.adapters.audio.text_to_audio import TextToAudio
from backend.inference.adapters.audio.transducer import TransducerSpeechRecognition
from backend.inference.adapters.audio.vits import Vits
from backend.inference.adapters.audio.whisper import Whisper
from backend.inference.adapters.audio.zero_shot_audio_classification import (
    ZeroShotAudioClassification,
)
from backend.inference.adapters.family import Family
from backend.inference.adapters.media_classification import audio_classification
from backend.tasks.vocoders import VOCODER_CLASS

_FEATURE_EXTRACTOR = ("AutoFeatureExtractor", "AutoTokenizer")
_TOKENIZER = ("AutoTokenizer",)
_PROCESSOR = ("AutoProcessor",)
_SEQ2SEQ = "AutoModelForSpeechSeq2Seq"
_WAVEFORM_MODELS = "AutoModelForTextToWaveform"

AUDIO: dict[str, tuple[Family, ...]] = {
    "audio-classification": (
        Family(
            model="AutoModelForAudioClassification",
            processors=("AutoFeatureExtractor",),
            adapter=audio_classification,
        ),
    ),
    "automatic-speech-recognition": (
        Family(
            model="AutoModelForCTC", processors=_FEATURE_EXTRACTOR, adapter=CTCSpeechRecognition
        ),
        Family(
            model=_SEQ2SEQ,
            kind="WhisperForConditionalGeneration",
            processors=_FEATURE_EXTRACTOR,
            adapter=Whisper,
        ),
        Family(
            model=_SEQ2SEQ,
            kind="MoonshineStreamingForConditionalGeneration",
            processors=_FEATURE_EXTRACTOR,
            adapter=partial(SpeechSeq2Seq, padding_multiple=80),
        ),
        Family(
            model="AutoModelForTDT",
            processors=_PROCESSOR,
            adapter=TransducerSpeechRecognition,
        ),
        Family(
            model="AutoModelForRNNT",
            kind="ParakeetForRNNT",
            processors=_PROCESSOR,
            adapter=TransducerSpeechRecognition,
        ),
        Family(model=_SEQ2SEQ, processors=_FEATURE_EXTRACTOR, adapter=SpeechSeq2Seq),
    ),
    "text-to-speech": (
        Family(model=_WAVEFORM_MODELS, kind="VitsModel", processors=_TOKENIZER, adapter=Vits),
        Family(model=_WAVEFORM_MODELS, kind="BarkModel", processors=_TOKENIZER, adapter=Bark),
        Family(
            model="AutoModelForTextToSpectrogram",
            kind="SpeechT5ForTextToSpeech",
            processors=_TOKENIZER,
            adapter=SpeechT5,
            vocoder=VOCODER_CLASS,
        ),
        Family(model=_WAVEFORM_MODELS, processors=_TOKENIZER, adapter=TextToAudio),
    ),
    "zero-shot-audio-classification": (
        Family(
            model="AutoModel",
            kind="ClapModel",
            processors=_FEATURE_EXTRACTOR,
            adapter=ZeroShotAudioClassification,
        ),
    ),
}
