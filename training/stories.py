"""Trains `stories`: a Llama of half a million weights that tells children's stories."""

import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from torch.nn.functional import cross_entropy
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from training.common import Card, by_length, optimizer, parse_out, prepare, write_card
from training.stories_score import score
from training.story_texts import write_texts

SEED = 3
TEXTS = 12_000
EPOCHS = 2
BATCH = 24
VOCABULARY = 1_300
BOS, EOS, PAD, USER, ASSISTANT = SPECIAL = ["<s>", "</s>", "<pad>", "<|user|>", "<|assistant|>"]
TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '<|user|>' + message['content'] | trim }}"
    "{% elif message['role'] == 'assistant' %}"
    "{{ '<|assistant|>' + message['content'] | trim + eos_token }}"
    "{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
HOW = """12,000 texts written by a grammar of ours (`training/story_grammar.py`,
`training/data/stories/`): eight plots of seven to ten sentences, each with several wordings, with
heroes, friends, places and things drawn at random. Six in ten are plain stories, the others short
chats: a user asks for a story about somebody, or says something else. Two passes. The byte-level
BPE vocabulary of at most 1,300 pieces was trained on the same texts."""
LIMITS = """It only knows its eight plots and some 600 words. It answers nothing, follows no
instruction but "a story about a ...", and does not keep its heroes apart: none of the 48 scored
stories keeps the same names from first to last. Made to show streaming and chat, not to be useful.
A system message is ignored."""


def build_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, SPECIAL.index(BOS))]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        additional_special_tokens=[USER, ASSISTANT],
        padding_side="left",
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = TEMPLATE
    return fast


def build_model(vocabulary: int) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=SPECIAL.index(BOS),
        eos_token_id=SPECIAL.index(EOS),
        pad_token_id=SPECIAL.index(PAD),
    )
    return LlamaForCausalLM(config)


def pad(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids padded on the right, and the length of each row."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.full((len(rows), int(lengths.max())), SPECIAL.index(PAD))
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
    return ids, lengths


def train(model: LlamaForCausalLM, rows: list[list[int]], generator: torch.Generator) -> None:
    ids, lengths = pad(rows)
    steps = EPOCHS * (len(rows) // BATCH)
    step, schedule = optimizer(model, steps, rate=4e-3)
    model.train()
    total = 0.0
    done = 0
    for _ in range(EPOCHS):
        for batch in by_length(lengths, BATCH, generator):
            inputs = ids[batch, : int(lengths[batch].max())]
            logits = model(input_ids=inputs[:, :-1], use_cache=False).logits
            loss = cross_entropy(
                logits.flatten(0, 1), inputs[:, 1:].flatten(), ignore_index=SPECIAL.index(PAD)
            )
            step.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            step.step()
            schedule.step()
            total += loss.item()
            done += 1
            if done % 100 == 0:
                sys.stdout.write(f"step {done} of {steps}: loss {total / 100:.4f}\n")
                sys.stdout.flush()
                total = 0.0
    model.eval()


def main() -> None:
    out = parse_out("stories")
    generator = prepare(SEED)
    texts = write_texts(TEXTS, random.Random(SEED))
    tokenizer = build_tokenizer(texts)
    rows = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    model = build_model(len(tokenizer))
    train(model, rows, generator)
    model.generation_config = GenerationConfig(
        bos_token_id=SPECIAL.index(BOS),
        eos_token_id=SPECIAL.index(EOS),
        pad_token_id=SPECIAL.index(PAD),
        max_new_tokens=220,
        do_sample=True,
        temperature=0.7,
        top_p=0.95,
    )
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    write_card(out, card(out), model)


def card(out: Path) -> Card:
    return Card(
        name="stories",
        title="stories: once upon a time",
        task="text-generation",
        what="Tells a short children's story, from its beginning or when asked for one in a chat.",
        how=HOW,
        limits=LIMITS,
        score=score(out),
        score_of="share of 48 stories, for heroes that no training text has (32 greedy, 16 drawn), "
        "that come to an end and follow one plot of the grammar sentence by sentence",
        seed=SEED,
    )


if __name__ == "__main__":
    main()
