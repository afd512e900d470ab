"""The fields of transformers' GenerationConfig that Slipway does not take, each with the reason.

Together with the fields of generation_fields.py these are all fields of the installed class, as
`make generate` writes them to generation_config.json.
"""

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from backend.errors.inference import OptionNotSupported

_FILE = Path(__file__).with_name("generation_config.json")

_ASSISTANT = "a deployment has no second model that drafts tokens"
_CACHE = "the server selects its key-value cache, since the cache decides how much memory is used"
_TENSORS = "the response has no tensors; `details` returns tokens and log probabilities"
_MOVED = "transformers runs it with code from the Hub, which is never downloaded at run time"
_SPEED = "it changes the speed of the server, not the text"

REFUSED: dict[str, str] = {
    "use_mtp": _ASSISTANT,
    "cache_implementation": _CACHE,
    "cache_config": _CACHE,
    "max_cache_len": _CACHE,
    "token_healing": "it changes the end of the prompt; send one that ends with a word",
    "output_attentions": _TENSORS,
    "output_hidden_states": _TENSORS,
    "output_scores": _TENSORS,
    "output_logits": _TENSORS,
    "return_dict_in_generate": _TENSORS,
    "bos_token_id": "the tokenizer puts the start token before the input",
    "is_assistant": _ASSISTANT,
    "num_assistant_tokens": _ASSISTANT,
    "num_assistant_tokens_schedule": _ASSISTANT,
    "assistant_confidence_threshold": _ASSISTANT,
    "prompt_lookup_num_tokens": _SPEED,
    "max_matching_ngram_size": _SPEED,
    "assistant_early_exit": _ASSISTANT,
    "assistant_lookbehind": _ASSISTANT,
    "target_lookbehind": _ASSISTANT,
    "assistant_ensemble_weight": _ASSISTANT,
    "speculation_type": _ASSISTANT,
    "compile_config": _SPEED,
    "disable_compile": _SPEED,
    "continuous_batching_config": _SPEED,
    "prefill_chunk_size": _SPEED,
    "low_memory": _MOVED,
    "penalty_alpha": _MOVED,
    "dola_layers": _MOVED,
    "diversity_penalty": _MOVED,
    "num_beam_groups": _MOVED,
    "constraints": _MOVED,
    "force_words_ids": _MOVED,
}
# Fields that only some tasks take: the reason where they are not taken.
_ELSEWHERE: dict[str, str] = {
    "guidance_scale": "text-generation only; the prompt of other tasks cannot be left out",
    "num_return_sequences": "there is one response for each input",
    "stop_strings": "the output ends with its input",
    "watermarking_config": "for tasks that generate text only",
    "eos_token_id": "the output ends with its input",
    "pad_token_id": "set by the model",
    "forced_bos_token_id": "the first tokens are set by the model and the language",
    "forced_eos_token_id": "the last token is set by the model",
    "decoder_start_token_id": "for models with an encoder and a decoder of text",
    "encoder_repetition_penalty": "the input of the model is not text",
    "encoder_no_repeat_ngram_size": "the input of the model is not text",
}
_UNKNOWN_TO_US = "this version of Slipway does not know it"


@cache
def fields() -> dict[str, dict[str, object]]:
    """All fields of the installed class, each with its documented `type` and its `default`."""
    return json.loads(_FILE.read_text())


def taken(given: Mapping[str, object], known: Collection[str]) -> dict[str, object]:
    """`given` without fields that have no effect: unsupported ones with their default, or false.

    `known` are the names that the task takes. Raises OptionNotSupported for the other fields of
    GenerationConfig, with the reason. Names that are no field of it are kept.
    """
    kept = dict(given)
    for name in set(given) & set(fields()) - set(known):
        value = kept.pop(name)
        if value is None or value is False or value == fields()[name]["default"]:
            continue
        reason = REFUSED.get(name) or _ELSEWHERE.get(name) or _UNKNOWN_TO_US
        raise OptionNotSupported(f"{name} is not supported: {reason}.", option=name)
    return kept
