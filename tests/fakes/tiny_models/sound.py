"""Small models that hear and speak."""

from pathlib import Path

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import bert_tokenizer


def zero_shot_audio(folder: Path) -> Path:
    """A CLAP that hears two seconds at 16 kHz."""
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
        feature_size=16, sampling_rate=16_000, hop_length=160, max_length_s=2, fft_window_size=512,
        frequency_max=8_000, truncation="rand_trunc",
    ).save_pretrained(folder)  # fmt: skip
    return folder
