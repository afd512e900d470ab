"""Which requests run step by step: those whose settings act on the logits of their own row.

Beam search, several sequences, guidance, assisted generation and whatever else `generate`
implements around its loop stay with `generate`, as does every setting that is not known here.
"""

from collections.abc import Mapping
from typing import Any

from transformers import GenerationConfig
from transformers.generation.configuration_utils import GenerationMode

# Read by transformers' logits processors, by StopConditions, or without effect on the tokens.
_KNOWN = frozenset(
    {
        "max_length", "max_new_tokens", "min_length", "min_new_tokens", "early_stopping",
        "length_penalty", "do_sample", "temperature", "top_k", "top_p", "min_p", "top_h",
        "typical_p", "epsilon_cutoff", "eta_cutoff", "repetition_penalty",
        "encoder_repetition_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size",
        "bad_words_ids", "renormalize_logits", "forced_bos_token_id", "forced_eos_token_id",
        "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens",
        "begin_suppress_tokens", "sequence_bias", "watermarking_config", "pad_token_id",
        "bos_token_id", "eos_token_id", "decoder_start_token_id", "output_scores",
        "output_logits", "return_dict_in_generate", "num_assistant_tokens",
        "num_assistant_tokens_schedule", "assistant_confidence_threshold", "assistant_lookbehind",
        "target_lookbehind", "compile_config", "disable_compile", "continuous_batching_config",
        "prefill_chunk_size", "penalty_alpha", "num_beam_groups", "diversity_penalty",
        "_from_model_config", "transformers_version",
    }
)  # fmt: skip
_STEPWISE = {GenerationMode.GREEDY_SEARCH, GenerationMode.SAMPLE}


def stepwise_config(model: Any, settings: Mapping[str, Any]) -> Any | None:
    """The GenerationConfig that `generate` would use with these arguments; None if the request
    does not run step by step."""
    config, others = model._prepare_generation_config(None, **settings)
    if others or config.get_generation_mode() not in _STEPWISE:
        return None
    neutral = config._get_default_generation_params()
    for name in GenerationConfig().to_dict():
        value = getattr(config, name, None)
        is_off = value is None or (value is False and neutral.get(name) is None)
        if name not in _KNOWN and not is_off and value != neutral.get(name):
            return None
    return config
