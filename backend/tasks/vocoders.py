"""Models that generate spectrograms, and the vocoder that converts these to audio."""

from collections.abc import Mapping, Sequence

# Folder of the vocoder in the folder that the model server loads.
FOLDER = "vocoder"
VOCODER_CLASS = "SpeechT5HifiGan"
# By model class: the vocoder that its authors published with it.
_DEFAULTS = {"SpeechT5ForTextToSpeech": "microsoft/speecht5_hifigan"}
# Bands of the spectrogram if config.json does not state them, as in the library.
_BANDS = 80

Config = Mapping[str, object]


def default_vocoder(architectures: Sequence[str]) -> str | None:
    """Id of the default vocoder; None for a model that does not use one."""
    return next((_DEFAULTS[name] for name in architectures if name in _DEFAULTS), None)


def does_not_match(model: Config, architectures: Sequence[str], vocoder: Config) -> str | None:
    """Reason why a vocoder cannot read the spectrograms of a model, or None."""
    if VOCODER_CLASS not in architectures:
        return f"it is {next(iter(architectures), 'of an unknown class')}, not {VOCODER_CLASS}"
    made, read = model.get("num_mel_bins", _BANDS), vocoder.get("model_in_dim", _BANDS)
    if made != read:
        return f"it reads {read} bands of a spectrogram, and the model generates {made}"
    return None
