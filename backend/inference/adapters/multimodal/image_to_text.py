"""image-to-text: a caption for an image, or the text in it (OCR)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.generator import TextGenerator, generated
from backend.inference.adapters.generation.token_budget import new_tokens, token_budget
from backend.inference.adapters.generation.token_streamer import GeneratedSequence
from backend.inference.adapters.items import object_item
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.adapters.tokenization import position_limit
from backend.inference.config import DEFAULT_NEW_TOKENS
from backend.inference.media import bytes_of, read_image
from backend.tasks.image_text_to_text import ImageAndText


@dataclass(frozen=True, kw_only=True)
class DecoderPrompt:
    """Decoder prompt: tensors for `generate`, and their token ids."""

    inputs: dict[str, torch.Tensor]
    ids: list[int]


@dataclass(frozen=True, kw_only=True)
class PromptStyle:
    """How a model family uses a prompt. `ends`: EOS tokens that its own `generate` sets."""

    open: Callable[[LoadedModel, str], DecoderPrompt]
    ends: Callable[[Any], Sequence[int]] = lambda config: ()


class ImageToText:
    """For models with an image processor and a tokenizer, where the prompt is optional."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel, style: PromptStyle) -> None:
        self._loaded = loaded
        self._manner = style
        self._images, self._tokenizer = loaded.processor
        config = loaded.model.config
        self._generator = TextGenerator(loaded.model, self._tokenizer, style.ends(config))
        self._limit = position_limit(loaded.model, self._tokenizer)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Input: an image, with the prompt in the parameters, or an object with both."""
        shown, prompt = _parts(item, parameters)
        image = read_image(bytes_of(shown))
        prompt_start = self._open(prompt)
        inputs = {**self._images(images=image, return_tensors="pt"), **prompt_start.inputs}
        count = max(len(prompt_start.ids), 1)
        wanted = new_tokens(parameters, count)
        most = token_budget(count, wanted, DEFAULT_NEW_TOKENS, self._limit)
        request = self._generator.request(prompt or "", prompt_start.ids, parameters, most)
        return prepared(inputs, keep=request, key=request.sampling)

    def forward(self, group: Sequence[Prepared]) -> list[list[GeneratedSequence]]:
        """Generate for the batch; `pixel_values` is `[batch, 3, height, width]`."""
        inputs = stacked(group, self._loaded)
        return self._generator.write(group, inputs, max(len(group[0].keep.ids), 1))

    def decode(
        self, raw: list[GeneratedSequence], prepared: Prepared, parameters: Any
    ) -> list[dict[str, object]]:
        """The text in the format of the Hub."""
        return generated(raw, prepared.keep, with_prompt=parameters.return_full_text)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_total_tokens": self._limit, "default_new_tokens": DEFAULT_NEW_TOKENS}

    def _open(self, prompt: str | None) -> DecoderPrompt:
        if not prompt:
            return DecoderPrompt(inputs={}, ids=[])
        return self._manner.open(self._loaded, prompt)


def _parts(item: object, parameters: Any) -> tuple[object, str | None]:
    if isinstance(item, list):
        raise InvalidInput("This model has no chat template; send {image, text} instead.")
    if not isinstance(item, dict):
        return item, getattr(parameters, "prompt", None)
    request = object_item(item, ImageAndText)
    if not isinstance(request.image, str):
        raise InvalidInput("This model supports one image per input.")
    return request.image, request.text


def _ids_of(loaded: LoadedModel, prompt: str) -> list[int]:
    _, tokenizer = loaded.processor
    made = tokenizer(prompt, add_special_tokens=False, verbose=False, truncation=False)
    return made["input_ids"]


def _as_input_ids(ids: list[int]) -> dict[str, torch.Tensor]:
    return {"input_ids": torch.tensor([ids]), "attention_mask": torch.tensor([[1] * len(ids)])}


def _for_decoder(loaded: LoadedModel, prompt: str) -> DecoderPrompt:
    ids = _ids_of(loaded, prompt)
    start = loaded.model.generation_config.decoder_start_token_id
    # A Donut prompt starts with the token of a task in place of the usual start token.
    if not _is_donut(loaded) and start is not None:
        ids = [start, *ids]
    return DecoderPrompt(inputs={"decoder_input_ids": torch.tensor([ids])}, ids=ids)


def _is_donut(loaded: LoadedModel) -> bool:
    """Return whether it is a Donut model, which selects its task with a token."""
    encoder = getattr(loaded.model.config, "encoder", None)
    return getattr(encoder, "model_type", None) == "donut-swin"


def _after_first(loaded: LoadedModel, prompt: str) -> DecoderPrompt:
    ids = [loaded.processor[1].cls_token_id, *_ids_of(loaded, prompt)]
    return DecoderPrompt(inputs=_as_input_ids(ids), ids=ids)


def _between(loaded: LoadedModel, prompt: str) -> DecoderPrompt:
    """Prompt of BLIP, whose `generate` removes the last token itself."""
    ids = [loaded.processor[1].cls_token_id, *_ids_of(loaded, prompt)]
    return DecoderPrompt(inputs=_as_input_ids([*ids, loaded.processor[1].sep_token_id]), ids=ids)


def encoder_decoder(loaded: LoadedModel) -> ImageToText:
    """Adapter for VisionEncoderDecoder (ViT-GPT2, TrOCR, Donut) and Pix2Struct."""
    return ImageToText(loaded, PromptStyle(open=_for_decoder))


def git(loaded: LoadedModel) -> ImageToText:
    """Adapter for GIT: one decoder, with the image before the text."""
    return ImageToText(loaded, PromptStyle(open=_after_first))


def blip(loaded: LoadedModel) -> ImageToText:
    """Adapter for BLIP, whose own `generate` wraps that of its decoder."""
    return ImageToText(
        loaded, PromptStyle(open=_between, ends=lambda config: [config.text_config.sep_token_id])
    )
