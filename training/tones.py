"""Train `tones`: a small Wav2Vec2 that recognizes telephone keys."""

import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
)

from training.common import Card, optimizer, parse_out, prepare, write_card
from training.tone_audio import HIGH, LABELS, LOW, RATE, sample_batch
from training.tones_score import score, write_sample

SEED = 5
STEPS = 1_500
BATCH = 48
WINDOW = 256
FILTERS = 64
HOW = """All audio is synthesized by `training/tone_audio.py`: the two sines of a key (ITU-T Q.23)
with random phases, levels and small frequency offsets, during a part of the clip, in white to pink
noise of -2 to 30 dB. 1,500 batches of 48 newly generated clips. The first convolution is
initialized as a bank of windowed sines between 640 and 1,560 Hz and trained with the rest;
everything else is initialized at random."""
LIMITS = """One key per clip of 0.06 to about 5 seconds; split a dialed number into keys first.
Speech, music and silence are also classified as a key, because there is no label for "none". The
keys A to D are not supported. The test audio is synthetic too (from other code than the training
audio): no telephone was recorded."""


def build_config() -> Wav2Vec2Config:
    return Wav2Vec2Config(
        vocab_size=4,
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=128,
        conv_dim=(FILTERS, 64),
        conv_kernel=(WINDOW, 4),
        conv_stride=(64, 2),
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=4,
        apply_spec_augment=False,
        layerdrop=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        feat_proj_dropout=0.0,
        classifier_proj_size=64,
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
    )


def sine_bank() -> torch.Tensor:
    """Windowed sines at the keypad's seven frequencies and nine others, each in four phases.

    Shape [FILTERS, 1, WINDOW], float32: the weights of the first convolution.
    """
    between = (640.0, 733.0, 810.0, 896.0, 1010.0, 1100.0, 1272.0, 1406.0, 1560.0)
    time = np.arange(WINDOW) / RATE
    phases = np.arange(4) * np.pi / 2
    waveforms = [
        np.sin(2 * np.pi * f * time + p) for f in sorted(LOW + HIGH + between) for p in phases
    ]
    bank = np.array(waveforms) * np.hanning(WINDOW) * (2 / WINDOW)
    return torch.from_numpy(bank[:, None].astype(np.float32))


def build_model() -> Wav2Vec2ForSequenceClassification:
    model = Wav2Vec2ForSequenceClassification(build_config())
    first = model.get_parameter("wav2vec2.feature_extractor.conv_layers.0.conv.weight")
    first.data.copy_(sine_bank())
    return model


def train(model: Wav2Vec2ForSequenceClassification) -> None:
    rng = np.random.default_rng(SEED)
    step, schedule = optimizer(model, STEPS, rate=2e-3)
    model.train()
    total = 0.0
    for done in range(1, STEPS + 1):
        waveforms, answers = sample_batch(BATCH, rng)
        logits = model(input_values=torch.from_numpy(waveforms)).logits
        loss = cross_entropy(logits, torch.from_numpy(answers), label_smoothing=0.02)
        step.zero_grad()
        loss.backward()
        step.step()
        schedule.step()
        total += loss.item()
        if done % 250 == 0:
            sys.stdout.write(f"step {done}: loss {total / 250:.4f}\n")
            sys.stdout.flush()
            total = 0.0
    model.eval()


def main() -> None:
    out = parse_out("tones")
    prepare(SEED)
    model = build_model()
    train(model)
    model.save_pretrained(out)
    Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=RATE, do_normalize=True, return_attention_mask=True
    ).save_pretrained(out)
    write_sample(out / "sample.wav")
    write_card(out, card(out), model)


def card(out: Path) -> Card:
    return Card(
        name="tones",
        title="tones: recognition of telephone keys",
        task="audio-classification",
        what="Recognizes the telephone key (`0` to `9`, `*`, `#`) in a recording at 8 kHz.",
        how=HOW,
        limits=LIMITS,
        score=score(out),
        score_of="accuracy on 180 simulated recordings (0.1 to 2 s; hum, crackle, murmur, rumble, "
        "echo, clipping, telephone band and coding, frequency offset), synthesized by other code "
        "than the training audio",
        seed=SEED,
    )


if __name__ == "__main__":
    main()
