"""Tiny repositories with the file layouts of well-known models, and reference outputs.

`python -m tests.fakes.shapes DIR` writes them below DIR/acme and prints, for each that can be
served, a request and the output of transformers called directly, as JSON. Tokenizers are trained
here. Needs the library sentencepiece, which is an extra: run it with the folder of that extra.
"""

import base64
import importlib
import json
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from safetensors.torch import load_file

from tests.fakes.models import TEXTS

OWNER = "acme"
SIZES: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
    "initializer_range": 0.5,
}  # fmt: skip
SEQ2SEQ: dict[str, Any] = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
    "init_std": 0.5,
}  # fmt: skip
INPUT = "what a wonderful day in paris"
NEW_TOKENS = 5
Shape = Callable[[Path], "dict[str, Any] | None"]


def corpus(folder: Path) -> Path:
    """Sentences of the words of TEXTS, in random order."""
    words = sorted({word for text in TEXTS for word in text.split()})
    drawn = random.Random(0)
    lines = [" ".join(drawn.choices(words, k=drawn.randint(3, 12))) for _ in range(2000)]
    path = folder.with_name(f"{folder.name}.txt")
    path.write_text("\n".join(lines))
    return path


def sentencepiece_model(
    folder: Path, name: str, kind: str = "unigram", symbols: str = "", **special: int
) -> int:
    """Train a SentencePiece model into the folder; returns its vocabulary size."""
    sentencepiece: Any = importlib.import_module("sentencepiece")

    ids = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1} | special
    text = corpus(folder)
    prefix = text.with_suffix("")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=f"{prefix}.spm", model_type=kind, hard_vocab_limit=False,
        vocab_size=60, control_symbols=symbols, minloglevel=2, **ids,
    )  # fmt: skip
    shutil.move(f"{prefix}.spm.model", folder / name)
    for left in (text, Path(f"{prefix}.spm.vocab")):
        left.unlink()
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
    return int(processor.get_piece_size())


def save(model: Any, folder: Path, tokenizer: Mapping[str, object], **changes: object) -> None:
    """Weights, config.json with `changes`, and tokenizer_config.json."""
    model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))


def classified(folder: Path) -> dict[str, Any]:
    """Request and reference of a classifier: probabilities, best first."""
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    model = hf.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        scores = model(**tokenizer(INPUT, return_tensors="pt")).logits.softmax(-1)[0]
    order = scores.argsort(descending=True).tolist()
    found = [{"label": model.config.id2label[i], "score": scores[i].item()} for i in order]
    return {"body": {"inputs": INPUT}, "output": [found]}


def generated(folder: Path, kind: str, field: str, **parameters: object) -> dict[str, Any]:
    """Request and reference of a generator: greedy, with the metadata of a translation model."""
    languages = {name: parameters[name] for name in ("src_lang", "tgt_lang") if name in parameters}
    tokenizer = hf.AutoTokenizer.from_pretrained(folder, **languages)
    model = getattr(hf, kind).from_pretrained(folder).float().eval()
    tokens = tokenizer(INPUT, return_tensors="pt")
    tokens.pop("token_type_ids", None)
    forced = {}
    if "tgt_lang" in languages:
        forced = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(languages["tgt_lang"])}
    with torch.no_grad():
        ids = model.generate(
            **tokens, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=1, **forced
        )[0]
    if kind == "AutoModelForCausalLM":
        ids = ids[tokens["input_ids"].shape[1] :]
    text = tokenizer.decode(ids, skip_special_tokens=True)
    given = {"max_new_tokens": NEW_TOKENS, **parameters}
    if kind != "AutoModelForCausalLM":
        given = {**languages, "generate_parameters": {"max_new_tokens": NEW_TOKENS, "num_beams": 1}}
    if field == "translation_text":
        (folder / "hub.json").write_text('{"pipeline_tag": "translation"}')
    return {"body": {"inputs": INPUT, "parameters": given}, "output": [{field: text}]}


def readable(make: Callable[[], Any], refer: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """The reference of the first random model whose output has at least two letters."""
    for seed in range(50):
        torch.manual_seed(seed)
        found = refer(make())
        [text] = found["output"][0].values()
        if sum(letter.isalpha() for letter in text) > 1:
            return found
    raise AssertionError


def deberta_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "spm.model", unk_id=3, pad_id=0)
    config = hf.DebertaV2Config(vocab_size=size + 20, max_position_embeddings=64, **SIZES)
    model = hf.DebertaV2ForSequenceClassification(config)
    save(model, folder, {"tokenizer_class": "DebertaV2Tokenizer", "vocab_type": "spm"})
    return classified(folder)


def albert_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(
        folder, "spiece.model", symbols="[CLS],[SEP],[MASK]", pad_id=0, unk_id=3
    )
    config = hf.AlbertConfig(
        vocab_size=size + 20, embedding_size=16, max_position_embeddings=64, **SIZES
    )
    save(hf.AlbertForSequenceClassification(config), folder, {"tokenizer_class": "AlbertTokenizer"})
    return classified(folder)


def xlm_roberta_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "sentencepiece.bpe.model")
    config = hf.XLMRobertaConfig(vocab_size=size + 20, max_position_embeddings=64, **SIZES)
    model = hf.XLMRobertaForSequenceClassification(config)
    save(model, folder, {"tokenizer_class": "XLMRobertaTokenizer"})
    return classified(folder)


def nllb_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "sentencepiece.bpe.model")
    config = hf.M2M100Config(vocab_size=size + 4, max_position_embeddings=512, **SEQ2SEQ)
    languages = {"src_lang": "eng_Latn", "tgt_lang": "fra_Latn"}

    def refer(model: Any) -> dict[str, Any]:
        save(model, folder, {
            "tokenizer_class": "NllbTokenizer", "src_lang": "eng_Latn",
            "additional_special_tokens": list(languages.values()),
        })  # fmt: skip
        return generated(folder, "AutoModelForSeq2SeqLM", "translation_text", **languages)

    return readable(lambda: hf.M2M100ForConditionalGeneration(config), refer)


def marian_spm(folder: Path) -> dict[str, Any]:
    sentencepiece: Any = importlib.import_module("sentencepiece")

    sentencepiece_model(folder, "source.spm")
    shutil.copy(folder / "source.spm", folder / "target.spm")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    names = ["</s>", "<unk>", *(pieces.id_to_piece(i) for i in range(3, pieces.get_piece_size()))]
    (folder / "vocab.json").write_text(json.dumps({n: i for i, n in enumerate([*names, "<pad>"])}))
    pad = len(names)
    config = hf.MarianConfig(
        vocab_size=pad + 1, pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0,
        max_position_embeddings=512, **SEQ2SEQ,
    )  # fmt: skip
    languages = {"source_lang": "en", "target_lang": "fr"}

    def refer(model: Any) -> dict[str, Any]:
        save(model, folder, {"tokenizer_class": "MarianTokenizer", **languages})
        return generated(folder, "AutoModelForSeq2SeqLM", "translation_text")

    return readable(lambda: hf.MarianMTModel(config), refer)


def t5_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    more: dict[str, Any] = {
        "d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2,
        "decoder_start_token_id": 0,
    }  # fmt: skip
    config = hf.T5Config(vocab_size=size + 100, **more)
    save(hf.T5ForConditionalGeneration(config), folder, {"tokenizer_class": "T5Tokenizer"})
    return generated(folder, "AutoModelForSeq2SeqLM", "generated_text")


def llama_spm(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "tokenizer.model", "bpe")
    config = hf.LlamaConfig(vocab_size=size, num_key_value_heads=1, **SIZES)
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}

    def refer(model: Any) -> dict[str, Any]:
        save(model, folder, {"tokenizer_class": "LlamaTokenizer", **special})
        return generated(folder, "AutoModelForCausalLM", "generated_text")

    return readable(lambda: hf.LlamaForCausalLM(config), refer)


def mistral_tekken(folder: Path) -> dict[str, Any]:
    """Mistral's own format of a byte-pair vocabulary, without a tokenizer of transformers."""
    pieces = [bytes([byte]) for byte in range(256)]
    pieces += [b"th", b"the", b" the", b"in", b"fi", b"film", b" w", b"wa", b"was"]
    special = [f"<special {i}>" for i in range(3, 10)]
    names = ["<unk>", "<s>", "</s>", *special]
    config = hf.MistralConfig(
        vocab_size=len(names) + len(pieces), num_key_value_heads=1, bos_token_id=1, eos_token_id=2,
        **SIZES,
    )  # fmt: skip
    tekken = {
        "config": {
            "pattern": r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|\s+", "num_vocab_tokens": len(pieces),
            "default_vocab_size": config.vocab_size, "default_num_special_tokens": len(names),
            "version": "v7",
        },
        "vocab": [
            {"rank": rank, "token_bytes": base64.b64encode(piece).decode(), "token_str": None}
            for rank, piece in enumerate(pieces)
        ],
        "special_tokens": [
            {"rank": rank, "token_str": name, "is_control": True} for rank, name in enumerate(names)
        ],
    }  # fmt: skip
    (folder / "tekken.json").write_text(json.dumps(tekken))

    def refer(model: Any) -> dict[str, Any]:
        model.save_pretrained(folder)
        return generated(folder, "AutoModelForCausalLM", "generated_text")

    return readable(lambda: hf.MistralForCausalLM(config), refer)


def phi3_automap(folder: Path) -> dict[str, Any]:
    size = sentencepiece_model(folder, "tokenizer.model", "bpe")
    config = hf.Phi3Config(vocab_size=size, pad_token_id=0, bos_token_id=1, eos_token_id=2, **SIZES)
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    code = {
        "AutoConfig": "configuration_phi3.Phi3Config",
        "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM",
    }
    tokenizer = {"tokenizer_class": "LlamaTokenizer", **special}
    save(hf.Phi3ForCausalLM(config), folder, tokenizer, auto_map=code)
    for name in ("configuration_phi3.py", "modeling_phi3.py"):
        (folder / name).write_text('raise RuntimeError("code of the repository ran")')
    return generated(folder, "AutoModelForCausalLM", "generated_text")


def _byte_level(folder: Path, special: list[str]) -> int:
    """vocab.json and merges.txt, without a tokenizer.json; returns the vocabulary size."""
    from tokenizers import ByteLevelBPETokenizer

    text = corpus(folder)
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train([str(text)], vocab_size=400, special_tokens=special, show_progress=False)
    text.unlink()
    tokenizer.save_model(str(folder))
    return int(tokenizer.get_vocab_size())


def roberta_bpe(folder: Path) -> dict[str, Any]:
    size = _byte_level(folder, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    config = hf.RobertaConfig(vocab_size=size, max_position_embeddings=64, **SIZES)
    model = hf.RobertaForSequenceClassification(config)
    save(model, folder, {"tokenizer_class": "RobertaTokenizer"})
    return classified(folder)


def bert_wordpiece(folder: Path) -> dict[str, Any]:
    from tokenizers import BertWordPieceTokenizer

    text = corpus(folder)
    tokenizer = BertWordPieceTokenizer()
    tokenizer.train([str(text)], vocab_size=120, show_progress=False)
    text.unlink()
    tokenizer.save_model(str(folder))
    config = hf.BertConfig(vocab_size=130, max_position_embeddings=64, **SIZES)
    save(hf.BertForSequenceClassification(config), folder, {"tokenizer_class": "BertTokenizer"})
    return classified(folder)


def bert_old_config(folder: Path) -> dict[str, Any]:
    """As models of 2019: pickle weights, and a config.json that names a class but no type."""
    reference = bert_wordpiece(folder)
    config = json.loads((folder / "config.json").read_text())
    del config["model_type"]
    (folder / "config.json").write_text(json.dumps(config))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return reference


def biogpt(folder: Path) -> dict[str, Any]:
    """Words are separated by Moses' rules, then split into pairs of letters."""
    letters = sorted({letter for text in TEXTS for letter in text if letter.strip()})
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *letters, *(f"{one}</w>" for one in letters)]
    tokens += ["th", "the</w>"]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(tokens)}))
    (folder / "merges.txt").write_text("t h 2\nth e</w> 1\n")

    def made() -> Path:
        config = hf.BioGptConfig(vocab_size=len(tokens), max_position_embeddings=64, **SIZES)
        save(hf.BioGptForCausalLM(config), folder, {"tokenizer_class": "BioGptTokenizer"})
        return folder

    def refer(place: Path) -> dict[str, Any]:
        found = generated(place, "AutoModelForCausalLM", "generated_text")
        # The prompt ends with a whole word: the next one is separated by a space.
        found["output"][0]["generated_text"] = f" {found['output'][0]['generated_text']}"
        return found

    return readable(made, refer)


SHAPES: tuple[Shape, ...] = (
    deberta_spm, albert_spm, xlm_roberta_spm, nllb_spm, marian_spm, t5_spm, llama_spm,
    mistral_tekken, bert_old_config, phi3_automap, roberta_bpe, bert_wordpiece, biogpt,
)  # fmt: skip


def all_shapes() -> tuple[Shape, ...]:
    """These, the shapes with pickle weights and with quantized ones, and those to be rejected."""
    from tests.fakes.pickled_shapes import PICKLED
    from tests.fakes.quantized import QUANTIZED
    from tests.fakes.rejected_shapes import REJECTED

    return (*SHAPES, *PICKLED, *QUANTIZED, *REJECTED)


def build(shapes: Iterable[Shape], root: Path) -> None:
    """Build the shapes, each below its name; print the references as JSON."""
    references: dict[str, Any] = {}
    for shape in shapes:
        torch.manual_seed(0)
        name = getattr(shape, "__name__", "")
        folder = root / OWNER / name
        folder.mkdir(parents=True)
        references[name] = shape(folder)
    print(json.dumps(references))


if __name__ == "__main__":
    hf.utils.logging.set_verbosity_error()
    build(all_shapes(), Path(sys.argv[1]))
