"""Causal language models as cross-encoders, written by sentence-transformers.

`python -m tests.fakes.causal_rankers FOLDER` writes one and prints its scores.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Transformer
from sentence_transformers.cross_encoder.modules import LogitScore

from tests.fakes.tiny_models.tokenizers import byte_tokenizer, scale_weights

QUERY = "which film was wonderful"
TEXTS = ["the film was wonderful", "rain", "nobody liked the actor in the third act of it"]
ROLES = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}answer: {% endif %}"
)
PARTS = (
    "{% for m in messages %}<{{ m.role }}>"
    "{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}{% endif %}{% endfor %}"
    "{% endfor %}answer: "
)
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"template": None},
    "roles": {"template": ROLES, "options": {"add_generation_prompt": True}},
    "parts": {"template": PARTS},
    "prompt": {"template": ROLES, "prompt": "Is the document an answer?"},
    "one_token": {"template": ROLES, "false": None},
    "short": {"template": ROLES, "most": 80, "options": {"add_generation_prompt": True}},
}


def build(folder: Path, kind: str) -> CrossEncoder:
    """A Llama as a cross-encoder, written by the library."""
    given = KINDS[kind]
    torch.manual_seed(17)
    tokenizer = byte_tokenizer(512)
    tokenizer.chat_template = given["template"]
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, pad_token_id=2,
        bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    scale_weights(model)
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    options: Any = {"chat_template": given["options"]} if "options" in given else None
    transformer = Transformer(
        str(folder / "base"), transformer_task="text-generation", processing_kwargs=options
    )
    if "most" in given:
        transformer.max_seq_length = given["most"]
    prompts = {"rank": given["prompt"]} if "prompt" in given else None
    encoder = CrossEncoder(
        modules=[transformer, LogitScore(40, given.get("false", 45))], prompts=prompts,
        default_prompt_name="rank" if prompts else None,
    )  # fmt: skip
    encoder.save_pretrained(str(folder / "model"))
    return encoder


def main(folder: Path) -> None:
    encoder = build(folder, "roles")
    shutil.move(folder / "model", folder.parent / "moved")
    shutil.rmtree(folder)
    (folder.parent / "moved").rename(folder)
    print(json.dumps(encoder.predict([(QUERY, text) for text in TEXTS]).tolist()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
