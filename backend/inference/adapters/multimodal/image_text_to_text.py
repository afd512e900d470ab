"""image-text-to-text: text from images and a prompt, or from a conversation with images."""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.conversation import Conversation, read_images
from backend.inference.adapters.generation.generator import TextGenerator, generated
from backend.inference.adapters.generation.token_budget import new_tokens, token_budget
from backend.inference.adapters.generation.token_streamer import GeneratedSequence
from backend.inference.adapters.items import object_item, text_item
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.adapters.tokenization import position_limit
from backend.inference.config import DEFAULT_CHAT_TOKENS, DEFAULT_NEW_TOKENS, MAX_CHARACTERS
from backend.tasks.image_text_to_text import ImageAndText


class ImageTextToText:
    """For models whose processor inserts image tokens into the prompt."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._processor = loaded.processor
        tokenizer = self._processor.tokenizer
        self._conversation = Conversation(self._processor)
        self._generator = TextGenerator(loaded.model, tokenizer)
        self._limit = position_limit(loaded.model, tokenizer)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Input: an image with a text, or a conversation as a list of messages."""
        is_chat = isinstance(item, list)
        text, images = self._conversation.prompt(item) if is_chat else self._prompt(item)
        features = self._features(text, images)
        ids = features["input_ids"][0].tolist()
        unset = DEFAULT_CHAT_TOKENS if is_chat else DEFAULT_NEW_TOKENS
        most = token_budget(len(ids), new_tokens(parameters, len(ids)), unset, self._limit)
        request = self._generator.request(text, ids, parameters, most)
        return prepared(features, keep=request, key=request.sampling)

    def forward(self, group: Sequence[Prepared]) -> list[list[GeneratedSequence]]:
        """Generate for the batch; input_ids is int64 `[batch, sequence]`."""
        is_apart = self._loaded.model.config.is_encoder_decoder
        start = 1 if is_apart else len(group[0].keep.ids)
        return self._generator.write(group, stacked(group, self._loaded), start)

    def decode(
        self, raw: list[GeneratedSequence], prepared: Prepared, parameters: Any
    ) -> list[dict[str, object]]:
        """The result in the format of the Hub, with details if requested."""
        return generated(raw, prepared.keep, with_prompt=parameters.return_full_text)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_total_tokens": self._limit,
            "default_new_tokens": DEFAULT_NEW_TOKENS,
            "has_chat_template": self._conversation.is_possible,
        }

    def _prompt(self, item: object) -> tuple[str, list[Image.Image]]:
        """Render the prompt; a text that already has the model's image tokens is not changed."""
        request = object_item(item, ImageAndText)
        text = text_item(request.text, MAX_CHARACTERS)
        shown = [request.image] if isinstance(request.image, str) else request.image or []
        token = self._conversation.image_token
        if token in text:
            if text.count(token) != len(shown):
                raise InvalidInput(f"text has {text.count(token)} {token} for {len(shown)} images.")
            return text, read_images(shown)
        if self._conversation.is_possible:
            parts = [{"type": "image", "image": image} for image in shown]
            content = [*parts, {"type": "text", "text": text}]
            return self._conversation.prompt([{"role": "user", "content": content}])
        return text, read_images(shown)

    def _features(self, text: str, images: list[Image.Image]) -> Any:
        bos = self._processor.tokenizer.bos_token
        plain = {"add_special_tokens": False} if bos and text.startswith(bos) else {}
        image_inputs = {"images": [images]} if images else {}
        return self._processor(text=text, **image_inputs, **plain, return_tensors="pt")
