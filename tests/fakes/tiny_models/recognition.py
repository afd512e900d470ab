"""Small models for speech recognition beside those of audio.py: Parakeet, Moonshine, MMS."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tests.fakes.tiny_models.tokenizers import byte_tokenizer, scale_weights

RATE = 16_000
_PIECES = [f"\u2581{letter}" for letter in "abcdefghij"] + list("klmnopqrst") + [".", "?"]
LANGUAGES = {"eng": "abcdefghijklmnop", "fra": "abcdefghéèàç", "deu": "abcdefghijäöüß"}


def _encoder() -> dict[str, Any]:
    return {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 32, "conv_kernel_size": 5, "subsampling_conv_channels": 8,
        "num_mel_bins": 16, "max_position_embeddings": 500,
    }  # fmt: skip


def _processor(folder: Path, blank: bool, decoder: str | None = None) -> int:
    """A processor of syllables; returns its vocabulary size. A transducer has a blank token."""
    special = ["<unk>", "<pad>", *(["<blank>"] if blank else [])]
    pieces = [*_PIECES, *special]
    tokenizer = Tokenizer(models.WordLevel({p: i for i, p in enumerate(pieces)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    named = {"unk_token": "<unk>", "pad_token": "<pad>"}
    more: dict[str, Any] = {"extra_special_tokens": ["<blank>"]} if blank else {}
    transformers.ParakeetTokenizer(tokenizer_object=tokenizer, **named, **more).save_pretrained(
        folder
    )
    extractor = transformers.ParakeetFeatureExtractor(feature_size=16, sampling_rate=RATE)
    made = transformers.AutoTokenizer.from_pretrained(folder)
    transformers.ParakeetProcessor(extractor, made, decoder_type=decoder).save_pretrained(folder)
    extractor.save_pretrained(folder)
    return len(pieces)


def parakeet_ctc(folder: Path) -> Path:
    """A Parakeet with CTC."""
    torch.manual_seed(31)
    size = _processor(folder, blank=False)
    config = transformers.ParakeetCTCConfig(
        vocab_size=size, encoder_config=_encoder(), pad_token_id=size - 1
    )
    model = transformers.ParakeetForCTC(config)
    _speak(model, model.ctc_head, size)
    model.save_pretrained(folder)
    return folder


def parakeet_tdt(folder: Path) -> Path:
    """A Parakeet with tokens and durations."""
    torch.manual_seed(32)
    size = _processor(folder, blank=True)
    config = transformers.ParakeetTDTConfig(
        vocab_size=size, encoder_config=_encoder(), pad_token_id=size - 2, blank_token_id=size - 1,
        decoder_hidden_size=16, num_decoder_layers=1, durations=[0, 1, 2, 3],
    )  # fmt: skip
    model = transformers.ParakeetForTDT(config)
    _speak(model, model.joint.head, size)
    with torch.no_grad():
        model.joint.head.bias[size] -= 2  # a token takes time, mostly
    model.generation_config = transformers.GenerationConfig(
        decoder_start_token_id=size - 1, suppress_tokens=list(range(size, size + 4))
    )
    model.save_pretrained(folder)
    return folder


def parakeet_rnnt(folder: Path) -> Path:
    """A Parakeet that names several tokens a frame."""
    torch.manual_seed(33)
    size = _processor(folder, blank=True, decoder="rnnt")
    config = transformers.ParakeetRNNTConfig(
        vocab_size=size, encoder_config=_encoder(), pad_token_id=size - 2, blank_token_id=size - 1,
        decoder_hidden_size=16, num_decoder_layers=1, max_symbols_per_step=3,
    )  # fmt: skip
    model = transformers.ParakeetForRNNT(config)
    _speak(model, model.joint.head, size)
    model.generation_config = transformers.GenerationConfig(decoder_start_token_id=size - 1)
    model.save_pretrained(folder)
    return folder


def _speak(model: Any, head: Any, size: int) -> None:
    """Weights that make the text depend on the audio, without special tokens in it."""
    scale_weights(model)
    with torch.no_grad():
        torch.nn.init.normal_(head.weight, std=1)
        head.bias[:size].normal_(std=0.5)
        head.bias[len(_PIECES) : size - 1] = -1e4


def moonshine_streaming(folder: Path) -> Path:
    """A Moonshine whose encoder sees a limited context."""
    torch.manual_seed(34)
    tokenizer = byte_tokenizer()
    kind: Any = transformers.MoonshineStreamingConfig
    config = kind(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=64, bos_token_id=0,
        eos_token_id=1, pad_token_id=2, decoder_start_token_id=0,
        encoder_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
            "num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 4096,
            "sliding_windows": [[16, 4]],
        },
    )  # fmt: skip
    model = transformers.MoonshineStreamingForConditionalGeneration(config)
    scale_weights(model)
    model.generation_config = transformers.GenerationConfig(
        max_length=24, bos_token_id=0, eos_token_id=1, pad_token_id=2, decoder_start_token_id=0
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        sampling_rate=RATE, return_attention_mask=True
    ).save_pretrained(folder)
    return folder


def mms(folder: Path) -> Path:
    """A Wav2Vec2 that speaks English, with adapters for it and for two further languages."""
    torch.manual_seed(35)
    folder.mkdir(parents=True, exist_ok=True)
    special = ["<pad>", "<s>", "</s>", "<unk>", "|"]
    vocabulary = {
        name: {letter: i for i, letter in enumerate([*special, *letters])}
        for name, letters in LANGUAGES.items()
    }
    file = folder / "vocab.json"
    file.write_text(json.dumps(vocabulary))
    tokenizer = transformers.Wav2Vec2CTCTokenizer(str(file), target_lang="eng")
    tokenizer.save_pretrained(folder)
    file.write_text(json.dumps(vocabulary))
    for name, letters in LANGUAGES.items():
        config = transformers.Wav2Vec2Config(
            vocab_size=len(special) + len(letters), hidden_size=32, num_hidden_layers=2,
            num_attention_heads=4, intermediate_size=64, conv_dim=(16, 16), conv_stride=(20, 16),
            conv_kernel=(25, 16), num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
            pad_token_id=0, adapter_attn_dim=4, do_stable_layer_norm=True,
        )  # fmt: skip
        torch.manual_seed(36)
        model: Any = transformers.Wav2Vec2ForCTC(config)
        scale_weights(model)
        torch.manual_seed(len(letters))
        adapters = model._get_adapters()
        with torch.no_grad():
            for weight in adapters.values():
                weight.normal_()
            model.lm_head.bias[:4] -= 1e4
        save_file(
            {key: weight.detach().contiguous() for key, weight in adapters.items()},
            folder / f"adapter.{name}.safetensors", {"format": "pt"},
        )  # fmt: skip
        if name == "eng":
            model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE).save_pretrained(folder)
    return folder
