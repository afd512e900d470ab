"""Score `stories`: the share of complete stories about held-out heroes that match the grammar."""

import random
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.story_grammar import is_story
from training.story_texts import held_out_heroes

SEED = 99
GREEDY = 32
SAMPLED = 16
LONGEST = 220


def prompts() -> list[tuple[str, bool]]:
    """(text, is chat message) for held-out heroes, half of each kind."""
    heroes = random.Random(SEED).sample(held_out_heroes(), GREEDY + SAMPLED)
    return [
        (f"Tell me a story about a {kind} named {name}.", True)
        if index % 2
        else (f"Once upon a time there was a little {kind} named {name}.", False)
        for index, (name, kind) in enumerate(heroes)
    ]


def tell(folder: Path) -> list[tuple[str, bool]]:
    """(story, ended with EOS) for every prompt; the first 32 greedy, the others sampled."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    torch.manual_seed(SEED)
    told: list[tuple[str, bool]] = []
    asked = prompts()
    for chosen, sampled in ((asked[:GREEDY], False), (asked[GREEDY:], True)):
        texts = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True
            )
            if is_chat
            else f"{tokenizer.bos_token}{text}"
            for text, is_chat in chosen
        ]
        inputs = tokenizer(texts, padding=True, add_special_tokens=False, return_tensors="pt")
        with torch.inference_mode():
            rows = model.generate(**inputs, max_new_tokens=LONGEST, do_sample=sampled)
        told += [
            read(tokenizer, row, "" if is_chat else text, inputs["input_ids"].shape[1])
            for row, (text, is_chat) in zip(rows, chosen, strict=True)
        ]
    return told


def read(tokenizer, row: torch.Tensor, opening: str, skip: int) -> tuple[str, bool]:
    new = row[skip:]
    story = opening + tokenizer.decode(new, skip_special_tokens=True)
    return story.strip(), bool((new == tokenizer.eos_token_id).any())


def score(folder: Path) -> float:
    """Share of stories that end and follow one plot sentence by sentence, with any names."""
    return share(tell(folder), same_names=False)


def share(told: list[tuple[str, bool]], *, same_names: bool) -> float:
    """Share of stories that end and follow one plot; `same_names` requires consistent names."""
    return sum(ended and is_story(text, same_names=same_names) for text, ended in told) / len(told)
