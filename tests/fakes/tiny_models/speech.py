"""Small models that generate speech in several stages: SpeechT5 with its vocoder, and Bark."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.fakes.tiny_models.tokenizers import bert_tokenizer, scale_weights

RATE = 16_000
BANDS = 8
SPEAKER_NUMBERS = 6
CHARACTERS = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz.,!?'"]
VOICES = ("v2/en_speaker_0", "v2/en_speaker_1")


def speecht5(folder: Path) -> Path:
    """A SpeechT5 of letters with its vocoder in the folder that a deployment makes for it."""
    speecht5_model(folder, len(CHARACTERS))
    vocabulary = {character: i for i, character in enumerate(CHARACTERS)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 2)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>",
    ).save_pretrained(folder)  # fmt: skip
    speecht5_hifigan(folder / "vocoder")
    return folder


def speecht5_model(folder: Path, letters: int, bands: int = BANDS) -> Path:
    """A SpeechT5 that speaks a few frames for each letter, without tokenizer and vocoder."""
    torch.manual_seed(27)
    config = transformers.SpeechT5Config(
        vocab_size=letters, hidden_size=16, encoder_layers=1, encoder_attention_heads=2,
        encoder_ffn_dim=32, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32,
        num_mel_bins=bands, speech_decoder_prenet_units=16, speech_decoder_postnet_units=16,
        speech_decoder_postnet_layers=2, speaker_embedding_dim=SPEAKER_NUMBERS,
        max_text_positions=60, max_speech_positions=500, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, decoder_start_token_id=2, conv_dim=(16,), conv_stride=(2,),
        conv_kernel=(3,), num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    model = transformers.SpeechT5ForTextToSpeech(config)
    scale_weights(model.speecht5)
    with torch.no_grad():
        # Frames of some loudness, and a stop that is rare, but happens.
        torch.nn.init.normal_(model.speech_decoder_postnet.feat_out.weight, std=0.1)
        torch.nn.init.normal_(model.speech_decoder_postnet.prob_out.weight, std=0.3)
        model.speech_decoder_postnet.prob_out.bias.fill_(-1.5)
    model.save_pretrained(folder)
    return folder


def speecht5_hifigan(folder: Path, bands: int = BANDS) -> Path:
    """The vocoder of a SpeechT5 at 16 kHz."""
    torch.manual_seed(28)
    config = transformers.SpeechT5HifiGanConfig(
        model_in_dim=bands, sampling_rate=RATE, upsample_initial_channel=8, upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16], resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]], initializer_range=0.3,
    )  # fmt: skip
    transformers.SpeechT5HifiGan(config).save_pretrained(folder)
    return folder


def bark(folder: Path) -> Path:
    """A Bark with two voice presets at 8 kHz."""
    torch.manual_seed(29)
    tokenizer = bert_tokenizer()
    sizes: dict[str, Any] = {
        "block_size": 96, "num_layers": 1, "num_heads": 2, "hidden_size": 16, "bias": False,
        "dropout": 0.0,
    }  # fmt: skip
    texts = len(tokenizer)
    codec = transformers.EncodecConfig(
        sampling_rate=8_000, num_filters=2, hidden_size=8, codebook_size=16, codebook_dim=8,
        num_residual_layers=1, upsampling_ratios=[4, 2], num_lstm_layers=1,
        target_bandwidths=[16.0],
    )  # fmt: skip
    config = transformers.BarkConfig(
        semantic_config={**sizes, "input_vocab_size": texts + 40, "output_vocab_size": 40},
        coarse_acoustics_config={**sizes, "input_vocab_size": 72, "output_vocab_size": 72},
        fine_acoustics_config={
            **sizes, "input_vocab_size": 17, "output_vocab_size": 17, "n_codes_total": 4,
            "n_codes_given": 1,
        },
        codec_config=codec.to_dict(),
    )  # fmt: skip
    model = transformers.BarkModel(config)
    scale_weights(model.semantic)
    scale_weights(model.coarse_acoustics)
    scale_weights(model.fine_acoustics)
    for name, audios in model.named_buffers():
        # The audio of each token is learned; it is silence before training.
        if name.endswith("codebook.embed"):
            audios.normal_(std=3)
    model.save_pretrained(folder)
    stages: dict[str, Any] = {
        "semantic_config": {
            "eos_token_id": 30, "max_new_tokens": 12, "do_sample": True, "text_encoding_offset": 40,
            "text_pad_token": texts + 39, "semantic_infer_token": texts + 38,
            "semantic_pad_token": 30, "semantic_vocab_size": 30, "max_input_semantic_length": 48,
        },
        "coarse_acoustics_config": {
            "do_sample": True, "coarse_semantic_pad_token": 62, "coarse_infer_token": 63,
            "max_coarse_input_length": 16, "max_coarse_history": 24, "sliding_window_len": 8,
        },
        "fine_acoustics_config": {
            "temperature": 0.5, "max_fine_history_length": 16, "max_fine_input_length": 32,
            "n_fine_codebooks": 4,
        },
        "sample_rate": 8_000, "codebook_size": 16, "model_type": "bark",
    }  # fmt: skip
    (folder / "generation_config.json").write_text(json.dumps(stages))
    tokenizer.save_pretrained(folder)
    voice_presets(folder)
    return folder


def voice_presets(folder: Path) -> None:
    """Random tokens as presets, in the layout of the repositories of Bark."""
    drawn = np.random.default_rng(0)
    listed: dict[str, Any] = {"repo_or_path": "acme/bark"}
    for name in VOICES:
        arrays = {
            "semantic_prompt": drawn.integers(0, 30, 20),
            "coarse_prompt": drawn.integers(0, 16, (2, 30)),
            "fine_prompt": drawn.integers(0, 16, (4, 30)),
        }
        listed[name] = {part: f"speaker_embeddings/{name}_{part}.npy" for part in arrays}
        for part, array in arrays.items():
            path = folder / listed[name][part]
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, array, allow_pickle=False)
    (folder / "speaker_embeddings_path.json").write_text(json.dumps(listed))
