"""summarization, translation and text2text-generation with encoder-decoder models."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import torch
from transformers import LogitsProcessorList, StoppingCriteriaList

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.languages import SinglePair, languages_of
from backend.inference.adapters.generation.row_stopping import RowStopping
from backend.inference.adapters.generation.sampling import check_parallel
from backend.inference.adapters.generation.seq2seq_settings import (
    Seq2SeqSettings,
    defaults_of,
    seq2seq_settings,
    task_settings,
)
from backend.inference.adapters.generation.token_ids import check_settings, vocabulary_size
from backend.inference.adapters.generation.token_streamer import ScoresRecorder
from backend.inference.adapters.items import text_item
from backend.inference.adapters.tokenization import TextTokenizer, Truncation, tokens_of
from backend.inference.config import MAX_CHARACTERS
from backend.tasks import TASKS

# Name of the text in the Hub's response for each task.
_ANSWERS = {
    "summarization": "summary_text",
    "translation": "translation_text",
    "text2text-generation": "generated_text",
}
# All strategies truncate, except for the one that disables truncation.
_KEEPS = (False, "do_not_truncate")


class Seq2Seq:
    """Text to text with `generate`."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        task = loaded.spec.task
        self._model = loaded.model
        # The limit applies to the input of the encoder.
        self._texts = TextTokenizer(replace(loaded, model=loaded.model.get_encoder()))
        names_languages = "src_lang" in TASKS[task].parameters.model_fields
        self._languages = (
            languages_of(self._model.config, self._texts.tokenizer)
            if names_languages
            else SinglePair()
        )
        self._limit = decoder_limit(self._model)
        self._vocabulary = vocabulary_size(self._model)
        self._defaults = defaults_of(self._model, task)
        prefix = task_settings(self._model.config, task).get("prefix")
        self._prefix = prefix or getattr(self._model.config, "prefix", None) or ""
        self._answer = _ANSWERS[task]
        self.max_group = self._texts.max_group

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text."""
        text = text_item(item, MAX_CHARACTERS)
        generating = seq2seq_settings(parameters, self._defaults, self._limit)
        check_settings(json.loads(generating.settings), self._vocabulary)
        prompt = self._languages.prompt_for(
            getattr(parameters, "src_lang", None), getattr(parameters, "tgt_lang", None)
        )
        cut = Truncation(allowed=parameters.truncation not in _KEEPS)
        rows = self._texts.encode((prompt.prefix or self._prefix) + text, cut=cut)
        sequences = max(generating.beams, generating.returned)
        check_parallel(sequences, tokens_of(rows) + generating.most)
        size = tokens_of(rows) + generating.most * sequences
        return Prepared(size=size, rows=rows, key=(generating, prompt.first_token))

    def forward(self, group: Sequence[Prepared]) -> list[list[list[int]]]:
        """For each text the token ids of its outputs, the start token of the decoder included."""
        batch = self._texts.collate([prepared.rows[0] for prepared in group])
        generating, first_token = cast("tuple[Seq2SeqSettings, int | None]", group[0].key)
        settings = generating.begin()
        if first_token is not None:
            settings["forced_bos_token_id"] = first_token
        recorder = ScoresRecorder()
        stops = [generating.stops] * len(group)
        ending = RowStopping(group, recorder, self._texts.tokenizer.decode, stops)
        with torch.inference_mode():
            made = self._model.generate(
                batch["input_ids"],
                attention_mask=batch["attention_mask"],
                logits_processor=LogitsProcessorList([recorder]),
                stopping_criteria=StoppingCriteriaList([ending]),
                **settings,
            ).tolist()
        count = generating.returned
        return [made[place : place + count] for place in range(0, len(made), count)]

    def decode(
        self, raw: list[list[int]], prepared: Prepared, parameters: Any
    ) -> dict[str, str] | list[dict[str, str]]:
        """The text in the format of the Hub; a list if several were requested."""
        made = [self._text(tokens, parameters) for tokens in raw]
        generating, _ = cast("tuple[Seq2SeqSettings, int | None]", prepared.key)
        return made if generating.returned > 1 else made[0]

    def _text(self, tokens: list[int], parameters: Any) -> dict[str, str]:
        tokenizer, wanted = self._texts.tokenizer, parameters.clean_up_tokenization_spaces
        settings = {} if wanted is None else {"clean_up_tokenization_spaces": False}
        text = tokenizer.decode(tokens, skip_special_tokens=True, **settings)
        # Done here, since some tokenizers ignore the option.
        text = tokenizer.clean_up_tokenization(text) if wanted else text
        return {self._answer: text}

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_input_tokens": self._texts.limit,
            "max_written_tokens": self._limit,
            "generate_parameters": self._defaults,
            "languages": self._languages.known,
        }


def decoder_limit(model: Any) -> int | None:
    """Maximum number of tokens of the decoder, without the start token; None: no limit."""
    config = model.config.get_text_config()
    names = ("max_decoder_position_embeddings", "max_position_embeddings")
    limits = [limit for name in names if (limit := getattr(config, name, None))]
    return min(limits) - 1 if limits else None
