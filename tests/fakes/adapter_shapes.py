"""Tiny base models and PEFT adapters of them, with reference outputs of peft called directly.

`python -m tests.fakes.adapter_shapes DIR` writes them below DIR/acme and prints a request and the
output of each adapter that can be served, as JSON. Needs the library peft, which is an extra: run
it with the folder of that extra.
"""

import importlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from tests.fakes.models import TEXTS
from tests.fakes.shapes import INPUT, NEW_TOKENS, OWNER, SEQ2SEQ, SIZES, Shape, build

NEW_WORD = "paris"
LABELS = ("negative", "neutral", "positive")
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def peft() -> Any:
    return importlib.import_module("peft")


def tokenizer_files(folder: Path) -> int:
    """A tokenizer of whole words, all of INPUT but NEW_WORD; returns its size."""
    folder.mkdir(parents=True, exist_ok=True)
    words = sorted({word for text in (*TEXTS, INPUT) for word in text.split()} - {NEW_WORD})
    numbers = {word: number for number, word in enumerate([*SPECIAL, *words])}
    trained = Tokenizer(WordLevel(numbers, unk_token="<unk>"))
    trained.pre_tokenizer = WhitespaceSplit()
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    tokenizer = hf.PreTrainedTokenizerFast(tokenizer_object=trained, **special)
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def base(root: Path, name: str) -> Path:
    """A base model of this name; made once."""
    folder = root / name
    if folder.is_dir():
        return folder
    size = tokenizer_files(folder)
    torch.manual_seed(1)
    models: dict[str, Callable[[], Any]] = {
        "base_llama": lambda: hf.LlamaForCausalLM(
            hf.LlamaConfig(vocab_size=size, num_key_value_heads=1, **SIZES)
        ),
        "base_roberta": lambda: hf.RobertaForMaskedLM(
            hf.RobertaConfig(vocab_size=size, max_position_embeddings=64, **SIZES)
        ),
        "base_bart": lambda: hf.BartForConditionalGeneration(
            hf.BartConfig(vocab_size=size, max_position_embeddings=64, **SEQ2SEQ)
        ),
    }
    models[name]().save_pretrained(folder)
    (folder / "hub.json").write_text('{"tags": ["license:apache-2.0"]}')
    return folder


def randomized(model: Any) -> Any:
    """The adapter with random weights, as if it had been trained."""
    torch.manual_seed(2)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * 0.1
    return model


def save(model: Any, folder: Path, stated: str, *, is_safe: bool = True) -> None:
    """Save an adapter that names its base model like this."""
    randomized(model).save_pretrained(folder, safe_serialization=is_safe)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {"base_model_name_or_path": stated}))


def causal(folder: Path, model: Any, stated: str, **changes: Any) -> None:
    config = {"task_type": "CAUSAL_LM", "target_modules": ["q_proj", "v_proj"], "r": 4} | changes
    save(peft().get_peft_model(model, peft().LoraConfig(**config)), folder, stated)


def generated(loaded: Any, tokenizer: Any, *, is_seq2seq: bool = False) -> dict[str, Any]:
    """Request and output of the unmerged adapter."""
    tokens = tokenizer(INPUT, return_tensors="pt")
    with torch.no_grad():
        given: dict[str, Any] = {**tokens, "max_new_tokens": NEW_TOKENS, "do_sample": False}
        ids = loaded.generate(**given, num_beams=1)[0]
        with loaded.disable_adapter():
            without = loaded.generate(**given, num_beams=1)[0]
    assert ids.tolist() != without.tolist(), "the adapter changes nothing"
    text = tokenizer.decode(ids, skip_special_tokens=True)
    prompt = tokenizer.decode(tokens["input_ids"][0], skip_special_tokens=True)
    text = text if is_seq2seq else text.removeprefix(prompt)
    parameters: dict[str, Any] = {"max_new_tokens": NEW_TOKENS}
    if is_seq2seq:
        parameters = {"generate_parameters": {"max_new_tokens": NEW_TOKENS, "num_beams": 1}}
    body = {"inputs": INPUT, "parameters": parameters}
    return {"body": body, "output": [{"generated_text": text}]}


def classified(loaded: Any, tokenizer: Any, labels: Sequence[str]) -> dict[str, Any]:
    with torch.no_grad():
        scores = loaded(**tokenizer(INPUT, return_tensors="pt")).logits.softmax(-1)[0]
    order = scores.argsort(descending=True).tolist()
    found = [{"label": labels[i], "score": scores[i].item()} for i in order]
    return {"body": {"inputs": INPUT}, "output": [found]}


def llama(folder: Path) -> Any:
    return hf.LlamaForCausalLM.from_pretrained(base(folder.parent, "base_llama"))


def adapted(model: Any, folder: Path) -> Any:
    return peft().PeftModel.from_pretrained(model, folder).eval()


def tokenizer_of(folder: Path) -> Any:
    return hf.AutoTokenizer.from_pretrained(folder)


def lora_llama(folder: Path) -> dict[str, Any]:
    causal(folder, llama(folder), f"{OWNER}/base_llama")
    (folder / "hub.json").write_text('{"tags": ["license:mit"]}')
    return generated(adapted(llama(folder), folder), tokenizer_of(folder.parent / "base_llama"))


def dora_llama(folder: Path) -> dict[str, Any]:
    """DoRA with the scale of RSLoRA; the path of another machine, and a base model in the card."""
    path = "/home/train/checkpoints/llama"
    causal(folder, llama(folder), path, use_dora=True, use_rslora=True)
    (folder / "hub.json").write_text(f'{{"tags": ["base_model:adapter:{OWNER}/base_llama"]}}')
    return generated(adapted(llama(folder), folder), tokenizer_of(folder.parent / "base_llama"))


def lora_new_tokens(folder: Path) -> dict[str, Any]:
    """Tokens were added: the adapter has a tokenizer of its own and all embeddings."""
    tokenizer = tokenizer_of(base(folder.parent, "base_llama"))
    tokenizer.add_tokens([NEW_WORD])
    model = llama(folder)
    model.resize_token_embeddings(len(tokenizer))
    causal(
        folder, model, f"{OWNER}/base_llama", modules_to_save=["embed_tokens", "lm_head"],
        ensure_weight_tying=False,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    fresh = llama(folder)
    fresh.resize_token_embeddings(len(tokenizer))
    return generated(adapted(fresh, folder), tokenizer)


def lora_of_4bit(folder: Path) -> dict[str, Any]:
    """Trained on a checkpoint quantized with bitsandbytes, whose unquantized source is known."""
    quantized = folder.parent / "base_llama-unsloth-bnb-4bit"
    shutil.copytree(base(folder.parent, "base_llama"), quantized)
    config = json.loads((quantized / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (quantized / "config.json").write_text(json.dumps(config))
    causal(folder, llama(folder), f"{OWNER}/{quantized.name}")
    return generated(adapted(llama(folder), folder), tokenizer_of(folder.parent / "base_llama"))


def lora_bart(folder: Path) -> dict[str, Any]:
    place = base(folder.parent, "base_bart")

    def fresh() -> Any:
        return hf.BartForConditionalGeneration.from_pretrained(place)

    layers = ["q_proj", "v_proj", "out_proj", "fc1", "fc2"]
    config = peft().LoraConfig(task_type="SEQ_2_SEQ_LM", r=8, lora_alpha=128, target_modules=layers)
    save(peft().get_peft_model(fresh(), config), folder, f"{OWNER}/base_bart")
    return generated(adapted(fresh(), folder), tokenizer_of(place), is_seq2seq=True)


def _classifier(folder: Path, number: int) -> Any:
    place = base(folder.parent, "base_roberta")
    return hf.RobertaForSequenceClassification.from_pretrained(place, num_labels=number)


def _roberta(folder: Path, config: Any, *, is_safe: bool) -> dict[str, Any]:
    torch.manual_seed(3)
    stated = f"{OWNER}/base_roberta"
    model = peft().get_peft_model(_classifier(folder, len(LABELS)), config)
    save(model, folder, stated, is_safe=is_safe)
    loaded = adapted(_classifier(folder, len(LABELS)), folder)
    names = [f"LABEL_{number}" for number in range(len(LABELS))]
    if is_safe:
        names = list[str](LABELS)
        labels = {"id2label": dict(enumerate(LABELS)), "model_type": "roberta"}
        (folder / "config.json").write_text(json.dumps(labels))
    return classified(loaded, tokenizer_of(folder.parent / "base_roberta"), names)


def lora_roberta(folder: Path) -> dict[str, Any]:
    """A classifier on a base model without its head, with labels in a config.json."""
    return _roberta(folder, peft().LoraConfig(task_type="SEQ_CLS", r=4), is_safe=True)


def ia3_pickle(folder: Path) -> dict[str, Any]:
    """A pickle file, and no names of the labels."""
    return _roberta(folder, peft().IA3Config(task_type="SEQ_CLS"), is_safe=False)


def prompt_tuning(folder: Path) -> None:
    config = peft().PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)
    save(peft().get_peft_model(llama(folder), config), folder, f"{OWNER}/base_llama")


def lora_nameless(folder: Path) -> None:
    """Neither adapter_config.json nor the card name the base model."""
    causal(folder, llama(folder), "../llama")


def lora_missing_base(folder: Path) -> None:
    causal(folder, llama(folder), f"{OWNER}/removed")


def lora_gated_base(folder: Path) -> None:
    gated = folder.parent / "gated"
    shutil.copytree(base(folder.parent, "base_llama"), gated)
    (gated / "hub.json").write_text('{"gated": "manual"}')
    causal(folder, llama(folder), f"{OWNER}/gated")


def lora_of_adapter(folder: Path) -> None:
    causal(folder, llama(folder), f"{OWNER}/lora_llama")


def lora_of_gptq(folder: Path) -> None:
    quantized = folder.parent / "base_gptq"
    shutil.copytree(base(folder.parent, "base_llama"), quantized)
    config = json.loads((quantized / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (quantized / "config.json").write_text(json.dumps(config))
    causal(folder, llama(folder), f"{OWNER}/base_gptq")


def lora_headless(folder: Path) -> None:
    """A classifier whose head was not saved."""
    config = peft().LoraConfig(task_type="SEQ_CLS", r=4)
    save(peft().get_peft_model(_classifier(folder, 2), config), folder, f"{OWNER}/base_roberta")
    safetensors = importlib.import_module("safetensors.torch")
    path = folder / "adapter_model.safetensors"
    tensors = safetensors.load_file(path)
    safetensors.save_file({n: t for n, t in tensors.items() if "classifier" not in n}, path)


def adapterhub(folder: Path) -> None:
    """An adapter of the library adapters, which has the same file name."""
    config = {
        "config": {"adapter_residual_before_ln": False},
        "model_name": f"{OWNER}/base_roberta",
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    torch.save({}, folder / "pytorch_adapter.bin")


SHAPES: tuple[Shape, ...] = (
    lora_llama, dora_llama, lora_new_tokens, lora_of_4bit, lora_bart, lora_roberta, ia3_pickle,
    prompt_tuning, lora_nameless, lora_missing_base, lora_gated_base, lora_of_adapter,
    lora_of_gptq, lora_headless, adapterhub,
)  # fmt: skip


if __name__ == "__main__":
    hf.utils.logging.set_verbosity_error()
    build(SHAPES, Path(sys.argv[1]))
