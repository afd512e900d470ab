"""Small models for speech recognition and speech synthesis."""

import json
from pathlib import Path

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import (
    bert_tokenizer,
    byte_tokenizer,
    scale_weights,
    whisper_tokenizer,
)

RATE = 16_000


def zero_shot_audio(folder: Path) -> Path:
    """A CLAP for two seconds at 16 kHz."""
    torch.manual_seed(21)
    tokenizer = bert_tokenizer(input_names=["input_ids", "attention_mask"])
    config = transformers.ClapConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64,
            "pad_token_id": 0,
        },
        audio_config={
            "hidden_size": 32, "patch_embeds_hidden_size": 16, "depths": [1, 1],
            "num_attention_heads": [2, 2], "spec_size": 64, "num_mel_bins": 16, "window_size": 4,
            "patch_size": 4, "projection_dim": 16,
        },
        projection_dim=16,
    )  # fmt: skip
    model = transformers.ClapModel(config)
    with torch.no_grad():
        for projection in (model.text_projection, model.audio_projection):
            torch.nn.init.normal_(projection.linear1.weight)
            torch.nn.init.normal_(projection.linear2.weight)
        torch.nn.init.normal_(model.text_model.embeddings.word_embeddings.weight)
        pooler = model.text_model.pooler
        assert pooler is not None
        torch.nn.init.normal_(pooler.dense.weight)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.ClapFeatureExtractor(
        feature_size=16, sampling_rate=RATE, hop_length=160, max_length_s=2, fft_window_size=512,
        frequency_max=8_000, truncation="rand_trunc",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def ctc(folder: Path) -> Path:
    """A Wav2Vec2 that names one of 30 letters every 20 ms."""
    torch.manual_seed(22)
    characters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "vocab.json"
    file.write_text(json.dumps({character: i for i, character in enumerate(characters)}))
    config = transformers.Wav2Vec2Config(
        vocab_size=len(characters), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, conv_dim=(16, 16), conv_stride=(20, 16), conv_kernel=(25, 16),
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2, pad_token_id=0,
    )  # fmt: skip
    model = transformers.Wav2Vec2ForCTC(config)
    scale_weights(model)
    with torch.no_grad():
        # What would be K is a space, and no special token is ever said.
        model.lm_head.weight[4] = model.lm_head.weight[characters.index("K")]
        model.lm_head.bias[4] += 1
        model.lm_head.bias[1:4] -= 1e4
    model.save_pretrained(folder)
    transformers.Wav2Vec2CTCTokenizer(str(file)).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE).save_pretrained(folder)
    return folder


def whisper(folder: Path) -> Path:
    """A Whisper of bytes and three languages with windows of two seconds and timestamps."""
    torch.manual_seed(23)
    tokenizer = whisper_tokenizer()
    ids: dict[str, int] = tokenizer.get_vocab()
    end = ids["<|endoftext|>"]
    config = transformers.WhisperConfig(
        vocab_size=len(tokenizer), num_mel_bins=16, d_model=32, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_source_positions=100, max_target_positions=64, pad_token_id=end,
        bos_token_id=end, eos_token_id=end, decoder_start_token_id=ids["<|startoftranscript|>"],
        suppress_tokens=[], begin_suppress_tokens=[],
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config)
    scale_weights(model)
    with torch.no_grad():
        torch.nn.init.normal_(model.model.decoder.embed_tokens.weight)
        torch.nn.init.normal_(model.model.decoder.embed_positions.weight, std=4)
    model.generation_config = transformers.GenerationConfig(
        lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in ("en", "de", "ja")},
        task_to_id={name: ids[f"<|{name}|>"] for name in ("transcribe", "translate")},
        is_multilingual=True, no_timestamps_token_id=ids["<|notimestamps|>"], max_length=40,
        alignment_heads=[[0, 0], [1, 1]], decoder_start_token_id=ids["<|startoftranscript|>"],
        pad_token_id=end, eos_token_id=end, bos_token_id=end, suppress_tokens=[],
        begin_suppress_tokens=[],
    )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.WhisperFeatureExtractor(
        feature_size=16, sampling_rate=RATE, chunk_length=2
    ).save_pretrained(folder)
    return folder


def moonshine(folder: Path) -> Path:
    """A Moonshine of bytes that takes samples and writes text without times."""
    torch.manual_seed(24)
    tokenizer = byte_tokenizer()
    config = transformers.MoonshineConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64,
        encoder_num_hidden_layers=1, decoder_num_hidden_layers=1, encoder_num_attention_heads=4,
        decoder_num_attention_heads=4, max_position_embeddings=64, bos_token_id=0, eos_token_id=1,
        pad_token_id=2, decoder_start_token_id=0,
    )  # fmt: skip
    model = transformers.MoonshineForConditionalGeneration(config)
    scale_weights(model)
    model.generation_config = transformers.GenerationConfig(
        max_length=24, bos_token_id=0, eos_token_id=1, pad_token_id=2, decoder_start_token_id=0
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE).save_pretrained(folder)
    return folder


def vits(folder: Path) -> Path:
    """A VITS with two voices at 16 kHz."""
    torch.manual_seed(25)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "vocab.json"
    characters = ["<pad>", " ", *"abcdefghijklmnopqrstuvwxyz'", "<unk>"]
    file.write_text(json.dumps({character: i for i, character in enumerate(characters)}))
    config = transformers.VitsConfig(
        vocab_size=len(characters), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        ffn_dim=16, flow_size=16, spectrogram_bins=9, num_speakers=2, speaker_embedding_size=8,
        upsample_initial_channel=16, upsample_rates=[8, 8], upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]], prior_encoder_num_flows=2,
        prior_encoder_num_wavenet_layers=1, posterior_encoder_num_wavenet_layers=1,
        duration_predictor_num_flows=2, depth_separable_num_layers=1, sampling_rate=RATE,
    )  # fmt: skip
    transformers.VitsModel(config).save_pretrained(folder)
    transformers.VitsTokenizer(str(file), phonemize=False).save_pretrained(folder)
    return folder


def musicgen(folder: Path) -> Path:
    """A MusicGen of bytes that plays a few tokens at 8 kHz."""
    torch.manual_seed(26)
    tokenizer = byte_tokenizer()
    text = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=16, d_ff=16, d_kv=8, num_layers=1, num_heads=2
    )
    audio = transformers.EncodecConfig(
        sampling_rate=8_000, num_filters=2, hidden_size=8, codebook_size=32, codebook_dim=8,
        num_residual_layers=1, upsampling_ratios=[4, 2], num_lstm_layers=1,
        target_bandwidths=[10.0],
    )  # fmt: skip
    decoder = transformers.MusicgenDecoderConfig(
        vocab_size=32, hidden_size=16, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2,
        num_codebooks=2, max_position_embeddings=128, pad_token_id=32, bos_token_id=32,
    )  # fmt: skip
    config = transformers.MusicgenConfig(
        text_encoder=text.to_dict(), audio_encoder=audio.to_dict(), decoder=decoder.to_dict()
    )
    model = transformers.MusicgenForConditionalGeneration(config)
    scale_weights(model.decoder)
    for name, audios in model.named_buffers():
        # The audio of each token is learned; it is silence before training.
        if name.endswith("codebook.embed"):
            audios.normal_(std=3)
    model.generation_config = transformers.GenerationConfig(
        do_sample=True, guidance_scale=3.0, max_length=20, pad_token_id=32, bos_token_id=32,
        decoder_start_token_id=32,
    )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
