"""table-question-answering with TAPAS: selects cells and an aggregation operator."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.errors.request import PayloadTooLarge
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import object_item
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.scores import check_finite, sigmoid, to_numpy
from backend.inference.adapters.tokenization import position_limit
from backend.tasks.table_question_answering import Cell, Parameters, TableQuestion

# Indices in the last axis of token_type_ids, which has seven ids per token.
_SEGMENT, _COLUMN, _ROW = 0, 1, 2
_LIKELY = 0.5
# The tokenizer is Python code that reads about 10,000 characters per second; models support some
# hundred tokens.
_MOST_CHARACTERS = 200_000


class TableQuestionAnswering:
    """Table and question to cells and an aggregation operator."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._tokenizer = loaded.processor
        self._limit = position_limit(loaded.model, self._tokenizer)
        self.max_group = 1024

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"query": …, "table": {column: cells}}`."""
        import pandas as pd  # noqa: PLC0415 - an extra, required by models of this task only

        parsed = object_item(item, TableQuestion)
        columns = {name: [_text(cell) for cell in cells] for name, cells in parsed.table.items()}
        query = _query(parsed, columns)
        if parameters.truncation:
            columns = {name: cells[: self._most(_ROW)] for name, cells in columns.items()}
        self._check_size(query, columns)
        made = self._tokens(pd.DataFrame(columns), query, is_cut=parameters.truncation)
        count = len(made["input_ids"])
        if self._limit and count > self._limit:
            raise too_long(count, self._limit)
        types = np.array(made["token_type_ids"])
        return Prepared(size=count, rows=(made["input_ids"],), keep=(types, columns))

    def forward(self, group: Sequence[Prepared]) -> list[tuple[np.ndarray, int | None]]:
        """For each table: cell logits, float32 `[sequence]`, and the index of the aggregation.

        TAPAS (Herzig et al. 2020).
        """
        width = max(prepared.size for prepared in group)
        pad = self._tokenizer.pad_token_id
        gaps = [width - prepared.size for prepared in group]
        ids = [p.rows[0] + [pad] * gap for p, gap in zip(group, gaps, strict=True)]
        mask = [[1] * p.size + [0] * gap for p, gap in zip(group, gaps, strict=True)]
        types = [np.pad(p.keep[0], ((0, gap), (0, 0))) for p, gap in zip(group, gaps, strict=True)]
        device = self._model.device
        with torch.inference_mode():
            made = self._model(
                input_ids=torch.tensor(ids, device=device),
                attention_mask=torch.tensor(mask, device=device),
                token_type_ids=torch.tensor(np.stack(types), device=device),
            )
        logits = to_numpy(made.logits)
        operations: list[int | None] = [None] * len(group)
        if made.logits_aggregation is not None:
            operations = made.logits_aggregation.argmax(-1).tolist()
        return [(logits[i, : p.size], operations[i]) for i, p in enumerate(group)]

    def decode(
        self, raw: tuple[np.ndarray, int | None], prepared: Prepared, parameters: Parameters
    ) -> dict[str, object]:
        """The answer in the format of the Hub."""
        del parameters
        logits, operation = raw
        types, columns = prepared.keep
        places = _likely_cells(sigmoid(check_finite(logits)), types)
        cells = [list(columns.values())[column][row] for row, column in places]
        answer: dict[str, object] = {
            "answer": ", ".join(cells), "coordinates": places, "cells": cells
        }  # fmt: skip
        config = self._model.config
        if operation is not None and config.aggregation_labels:
            name = config.aggregation_labels[operation]
            answer["aggregator"] = name
            if operation != config.no_aggregation_label_index:
                answer["answer"] = f"{name} > {answer['answer']}"
        return answer

    def facts(self) -> dict[str, object]:
        """For /info."""
        labels = self._model.config.aggregation_labels or {}
        return {"max_input_tokens": self._limit, "aggregators": list(labels.values())}

    def _tokens(self, table: Any, query: str, *, is_cut: bool) -> Any:
        whole = self._tokenizer(table=table, queries=query, verbose=False)
        if not is_cut or not self._limit or len(whole["input_ids"]) <= self._limit:
            return whole
        try:
            return self._tokenizer(
                table=table, queries=query, verbose=False,
                truncation="drop_rows_to_fit", max_length=self._limit,
            )  # fmt: skip
        except ValueError:  # The question alone is too long for a row of the table.
            return whole

    def _check_size(self, query: str, columns: dict[str, list[str]]) -> None:
        """Check the size before the table is tokenized, which is slow."""
        rows = len(next(iter(columns.values())))
        for name, count, place in (("columns", len(columns), _COLUMN), ("rows", rows, _ROW)):
            if count > (most := self._most(place)):
                raise InvalidInput(
                    f"The table has {count:,} {name}; the limit of this model is {most:,}."
                )
        texts = (query, *columns, *chain.from_iterable(columns.values()))
        if (characters := sum(map(len, texts))) > _MOST_CHARACTERS:
            raise PayloadTooLarge(
                f"The table has {characters:,} characters; the limit is {_MOST_CHARACTERS:,}."
            )

    def _most(self, place: int) -> int:
        """Maximum number of rows or columns that model and tokenizer support."""
        given = {_COLUMN: self._tokenizer.max_column_id, _ROW: self._tokenizer.max_row_id}[place]
        return min(self._model.config.type_vocab_sizes[place], given) - 1


def _query(parsed: TableQuestion, columns: dict[str, list[str]]) -> str:
    query = parsed.query or parsed.question
    if query is None or (parsed.query and parsed.question):
        raise InvalidInput("The question is missing: send it as query or question.")
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) > 1:
        raise InvalidInput("table: its columns have different lengths.")
    if lengths == {0}:
        raise InvalidInput("table: it has no rows.")
    return query


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _likely_cells(chances: np.ndarray, types: np.ndarray) -> list[tuple[int, int]]:
    """(row, column) of cells whose mean token probability exceeds the threshold."""
    found: dict[tuple[int, int], list[float]] = defaultdict(list)
    for chance, (segment, column, row) in zip(chances, types[:, :3].tolist(), strict=True):
        if segment == 1 and column > 0 and row > 0:
            found[row - 1, column - 1].append(float(chance))
    return sorted(place for place, all_ in found.items() if np.mean(all_) > _LIKELY)
