"""Tiny models with random weights, one builder for each task, made in well under a second each."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

_WORDS = (
    "the a film was wonderful boring maria moved to lisbon and found museum in kyoto day on went "
    "once upon time thought that . , !"
)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LABELS = {0: "NEGATIVE", 1: "NEUTRAL", 2: "POSITIVE"}
ENTITIES = {0: "O", 1: "B-PER", 2: "I-PER", 3: "B-LOC", 4: "I-LOC"}


def bert_tokenizer(max_length: int = 64) -> transformers.PreTrainedTokenizerFast:
    """A WordPiece tokenizer of single letters and a few words."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [*SPECIAL, *_WORDS.split(), *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )  # fmt: skip
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=max_length,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


def bert_config(
    tokenizer: transformers.PreTrainedTokenizerFast, **more: Any
) -> transformers.BertConfig:
    """Two layers, 32 wide."""
    return transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=64, **more,
    )  # fmt: skip


def _bert(folder: Path, kind: str, **more: Any) -> Path:
    torch.manual_seed(7)
    tokenizer = bert_tokenizer()
    model = getattr(transformers, kind)(bert_config(tokenizer, **more))
    _wake(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _wake(model: torch.nn.Module) -> None:
    """Larger weights, so that answers differ visibly between inputs."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1 and "embeddings" not in name:
                weight.mul_(12)


def text_classification(folder: Path) -> Path:
    """Three labels."""
    return _bert(folder, "BertForSequenceClassification", id2label=LABELS)


def token_classification(folder: Path) -> Path:
    """Persons and places."""
    return _bert(folder, "BertForTokenClassification", id2label=ENTITIES)


def fill_mask(folder: Path) -> Path:
    """Its mask is `[MASK]`."""
    return _bert(folder, "BertForMaskedLM")


def feature_extraction(folder: Path) -> Path:
    """With the files of sentence-transformers: mean pooling, then length one."""
    _bert(folder, "BertModel")
    parts = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(parts)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True})
    )
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "film : "}})
    )
    return folder


def byte_tokenizer(max_length: int = 256) -> transformers.PreTrainedTokenizerFast:
    """Bytes as tokens, so that a character may be several of them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(["<s>", "</s>", "<pad>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_max_length=max_length,
    )  # fmt: skip
    fast.chat_template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    return fast


def text_generation(
    folder: Path, *, layers: int = 2, width: int = 32, positions: int = 256
) -> Path:
    """A Llama of bytes that never ends by itself."""
    torch.manual_seed(11)
    tokenizer = byte_tokenizer(positions)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width,
        num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=positions, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight.mul_(20)
        model.lm_head.weight[1].zero_()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def image_classification(folder: Path) -> Path:
    """A ViT for 32 by 32 pixels."""
    torch.manual_seed(3)
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        image_size=32, patch_size=8, id2label=LABELS,
    )  # fmt: skip
    model = transformers.ViTForImageClassification(config)
    _wake(model)
    model.save_pretrained(folder)
    transformers.ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def audio_classification(folder: Path) -> Path:
    """A Wav2Vec2 at 16 kHz."""
    torch.manual_seed(5)
    config = transformers.Wav2Vec2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        conv_dim=(16, 16), conv_stride=(5, 4), conv_kernel=(10, 8), num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2, classifier_proj_size=16, id2label=LABELS,
    )  # fmt: skip
    model = transformers.Wav2Vec2ForSequenceClassification(config)
    _wake(model)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
    return folder


BUILDERS = {
    "text-classification": text_classification,
    "token-classification": token_classification,
    "feature-extraction": feature_extraction,
    "fill-mask": fill_mask,
    "text-generation": text_generation,
    "image-classification": image_classification,
    "audio-classification": audio_classification,
}


def not_a_number(folder: Path) -> Path:
    """A classifier whose answer is NaN for every text with a `!`."""
    text_classification(folder)
    model = transformers.BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[bert_tokenizer().get_vocab()["!"]] = torch.nan
    model.save_pretrained(folder)
    return folder


def panicking_tokenizer(folder: Path) -> Path:
    """A classifier whose tokenizer panics, in Rust, on forty times `a` and a `!`."""
    text_classification(folder)
    file = folder / "tokenizer.json"
    settings = json.loads(file.read_text())
    settings["normalizer"] = {"type": "Replace", "pattern": {"Regex": "^(a+)+$"}, "content": "z"}
    file.write_text(json.dumps(settings))
    return folder


def headless(folder: Path) -> Path:
    """Says that it is a classifier; its files have no weights for the head."""
    text_classification(folder)
    tokenizer = bert_tokenizer()
    transformers.BertModel(bert_config(tokenizer)).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (folder / "config.json").write_text(json.dumps(config))
    return folder
