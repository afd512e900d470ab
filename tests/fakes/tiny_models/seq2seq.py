"""Small encoder-decoder models."""

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, processors

POSITIONS = 256
LANGUAGES = ("eng_Latn", "fra_Latn", "deu_Latn")
_TASKS = {
    "summarization": {"prefix": "summarize: ", "max_length": 12, "num_beams": 2},
    "translation_en_to_de": {"prefix": "translate English to German: ", "max_length": 9},
    "translation_en_to_fr": {"prefix": "translate English to French: ", "max_length": 9},
}


def t5(folder: Path) -> Path:
    """Knows its tasks by what stands before the text, as config.json says."""
    tokenizer = _character_tokenizer()
    settings: dict[str, Any] = {
        "vocab_size": len(tokenizer), "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2,
        "num_heads": 4, "decoder_start_token_id": 2, "eos_token_id": 1, "pad_token_id": 2,
        "task_specific_params": _TASKS,
    }  # fmt: skip
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(**settings))
    return _saved(model, tokenizer, folder)


def bart(folder: Path) -> Path:
    """Says in its generation config how it wants to write."""
    tokenizer = _character_tokenizer()
    model = transformers.BartForConditionalGeneration(_bart(transformers.BartConfig, tokenizer))
    model.generation_config.update(num_beams=3, max_length=20, min_length=6, length_penalty=2.0)
    return _saved(model, tokenizer, folder)


def marian(folder: Path) -> Path:
    """Reads the target language from a token in the text."""
    tokenizer = _character_tokenizer()
    tokenizer.add_tokens([">>fra<<", ">>deu<<"])
    config = _bart(transformers.MarianConfig, tokenizer, decoder_vocab_size=len(tokenizer))
    model = transformers.MarianMTModel(config)
    model.generation_config.max_length = 20
    return _saved(model, tokenizer, folder)


def m2m(folder: Path) -> Path:
    """Has a token for each language, as NLLB."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz0123456789."]
    tokenizer = transformers.NllbTokenizer(
        vocab={piece: i for i, piece in enumerate(pieces)}, merges=[],
        extra_special_tokens=list(LANGUAGES), model_max_length=POSITIONS,
    )  # fmt: skip
    config = _bart(
        transformers.M2M100Config, tokenizer, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        decoder_start_token_id=2,
    )  # fmt: skip
    model = transformers.M2M100ForConditionalGeneration(config)
    model.generation_config.max_length = 20
    return _saved(model, tokenizer, folder)


def _bart(kind: Any, tokenizer: Any, **more: Any) -> Any:
    ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2, "decoder_start_token_id": 1}
    return kind(
        vocab_size=len(tokenizer), d_model=32, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=POSITIONS, forced_eos_token_id=None,
        **ids | more,
    )  # fmt: skip


def _character_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """Printable ASCII, a token each, and a token at the end."""
    pieces = ["<s>", "</s>", "<pad>", "<unk>", *map(chr, range(32, 127))]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>", model_max_length=POSITIONS,
    )  # fmt: skip


def _saved(model: Any, tokenizer: Any, folder: Path) -> Path:
    """Large random weights, so that outputs differ between inputs."""
    torch.manual_seed(17)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                # What the decoder sees of the text counts more than what it wrote itself.
                weight.normal_(
                    0, 2.0 if "encoder_attn" in name or "EncDecAttention" in name else 0.1
                )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
