"""Tiny speech models with the file layouts of the Hub's, and reference audio of transformers.

`python -m tests.fakes.speech_shapes DIR` writes them below DIR/acme, the default vocoder below
DIR/microsoft, and prints a request and samples for each that can be served, as JSON. Needs the
library sentencepiece, which is an extra: run it with the folder of that extra.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers as hf

from tests.fakes.pickled_shapes import PICKLE, taken
from tests.fakes.shapes import INPUT, Shape, build, sentencepiece_model
from tests.fakes.tiny_models import speech

DEFAULT_VOCODER = "microsoft/speecht5_hifigan"
SPEAKER = [0.3, 0.1, 0.5, 0.0, 0.2, 0.1]


def pickled(folder: Path) -> None:
    """Weights as a pickle file, as the authors of SpeechT5 and Bark published them."""
    torch.save(taken(folder), folder / PICKLE)


def hub_facts(folder: Path, license_id: str) -> None:
    (folder / "hub.json").write_text(json.dumps({"tags": [f"license:{license_id}"]}))


def default_vocoder(root: Path) -> Path:
    """The vocoder that a SpeechT5 uses if the request names none; made once."""
    folder = root / DEFAULT_VOCODER
    if not folder.is_dir():
        speech.speecht5_hifigan(folder)
        pickled(folder)
        config = json.loads((folder / "config.json").read_text())
        # As on the Hub, where the type is older than the library's name for it.
        (folder / "config.json").write_text(json.dumps(config | {"model_type": "hifigan"}))
        hub_facts(folder, "mit")
    return folder


def spoken(folder: Path, vocoder: Path, **parameters: Any) -> dict[str, Any]:
    """Request and reference: what generate_speech returns with this vocoder."""
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    model: Any = hf.SpeechT5ForTextToSpeech.from_pretrained(folder).eval()
    hifigan = hf.SpeechT5HifiGan.from_pretrained(vocoder).eval()
    speaker = parameters.get("speaker_embeddings", [0.0] * speech.SPEAKER_NUMBERS)
    ids = tokenizer(INPUT, return_tensors="pt")["input_ids"]
    torch.manual_seed(5)
    with torch.inference_mode():
        made = model.generate_speech(ids, torch.tensor([speaker]), vocoder=hifigan)
    body = {"inputs": INPUT, "parameters": {"seed": 5, **parameters}}
    return {"body": body, "samples": made.clamp(-1, 1).tolist()}


def model_of(folder: Path, **more: Any) -> None:
    """A SpeechT5 with the tokenizer of characters."""
    size = sentencepiece_model(folder, "spm_char.model", kind="char", pad_id=3, unk_id=0)
    speech.speecht5_model(folder, size, **more)
    settings = {"tokenizer_class": "SpeechT5Tokenizer", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    hf.SpeechT5FeatureExtractor().save_pretrained(folder)
    hub_facts(folder, "apache-2.0")


def speecht5(folder: Path) -> dict[str, Any]:
    model_of(folder)
    pickled(folder)
    return spoken(folder, default_vocoder(folder.parents[1]))


def speecht5_safetensors(folder: Path) -> dict[str, Any]:
    model_of(folder)
    return spoken(folder, default_vocoder(folder.parents[1]), speaker_embeddings=SPEAKER)


def speecht5_other_bands(folder: Path) -> None:
    model_of(folder, bands=4)


def own_vocoder(folder: Path) -> None:
    speech.speecht5_hifigan(folder)
    tensors = torch.Generator().manual_seed(3)
    model = hf.SpeechT5HifiGan.from_pretrained(folder)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=tensors), alpha=0.05)
    model.save_pretrained(folder)


def bark(folder: Path) -> dict[str, Any]:
    speech.bark(folder)
    voice = speech.VOICES[1]
    processor = hf.BarkProcessor.from_pretrained(folder, local_files_only=True)
    model: Any = hf.BarkModel.from_pretrained(folder).eval()
    inputs = processor(INPUT, voice_preset=voice, max_length=48)
    torch.manual_seed(5)
    with torch.inference_mode():
        samples = model.generate(**inputs)[0].clamp(-1, 1).tolist()
    pickled(folder)
    return {"body": {"inputs": INPUT, "parameters": {"seed": 5, "voice": voice}},
            "samples": samples}  # fmt: skip


SPEECH: tuple[Shape, ...] = (
    speecht5, speecht5_safetensors, speecht5_other_bands, own_vocoder, bark,
)  # fmt: skip

if __name__ == "__main__":
    hf.utils.logging.set_verbosity_error()
    build(SPEECH, Path(sys.argv[1]))
