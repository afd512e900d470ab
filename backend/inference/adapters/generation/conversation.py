"""Converts messages with images to a prompt, with the model's chat template."""

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from PIL import Image

from backend.errors.inference import InvalidInput
from backend.errors.request import PayloadTooLarge
from backend.inference.adapters.items import object_item, text_item
from backend.inference.config import MAX_CHARACTERS, MAX_IMAGES, MAX_PIXELS
from backend.inference.media import bytes_of, read_image
from backend.tasks.image_text_to_text import Message, Part

Turn = dict[str, Any]


def read_images(items: Sequence[str]) -> list[Image.Image]:
    """Decode images from base64 or `data:` URLs.

    Raises PayloadTooLarge for too many images or pixels, since all are in memory together.
    """
    if len(items) > MAX_IMAGES:
        raise PayloadTooLarge(f"{len(items):,} images; the limit is {MAX_IMAGES}.")
    images: list[Image.Image] = []
    pixels = 0
    for item in items:
        images.append(read_image(bytes_of(item)))
        pixels += images[-1].width * images[-1].height
        if pixels > MAX_PIXELS:
            raise PayloadTooLarge(f"The images have more than {MAX_PIXELS:,} pixels in total.")
    return images


def render_template(generator: Any, turns: list[Turn]) -> str:
    """Render a prompt with the chat template of a processor or tokenizer. Raises InvalidInput."""
    try:
        text = _rendered(generator, turns)
    except TemplateError as error:
        # Templates reject conversations by raising an exception with a message for the user.
        raise InvalidInput(
            f"The model's chat template rejected the messages: {str(error)[:200]}"
        ) from None
    return text_item(text, MAX_CHARACTERS)


def _rendered(generator: Any, turns: list[Turn]) -> str:
    return generator.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


class Conversation:
    """The chat template of a processor or of its tokenizer."""

    def __init__(self, processor: Any) -> None:
        tokenizer = processor.tokenizer
        own = getattr(processor, "chat_template", None)
        self._writes = processor if own else tokenizer
        self.image_token = str(getattr(processor, "image_token", None) or "<image>")
        self.is_possible = bool(own or tokenizer.chat_template)
        self._takes_parts = self.is_possible and self._accepts_parts()

    def prompt(self, messages: Sequence[object]) -> tuple[str, list[Image.Image]]:
        """Return the prompt and the images in their order. Raises InvalidInput."""
        if not self.is_possible:
            raise InvalidInput("This model has no chat template; send {image, text} instead.")
        if not messages:
            raise InvalidInput("The conversation has no messages.")
        parsed = [object_item(message, Message) for message in messages]
        shown: list[str] = []
        turns = [{"role": m.role, "content": self._content(m.content, shown)} for m in parsed]
        images = read_images(shown)
        return render_template(self._writes, turns), images

    def _content(self, content: str | list[Part], shown: list[str]) -> Any:
        parts = [Part(type="text", text=content)] if isinstance(content, str) else content
        turns = [self._part(part, shown) for part in parts]
        if self._takes_parts:
            return turns
        return "\n".join(turn.get("text", self.image_token) for turn in turns)

    def _part(self, part: Part, shown: list[str]) -> Turn:
        if part.type == "text" and part.text is not None:
            if self.image_token in part.text:
                raise InvalidInput(f"A text has {self.image_token}; send images as parts.")
            return {"type": "text", "text": part.text}
        image = part.image if part.type == "image" else part.image_url and part.image_url.url
        if part.type == "text" or not image:
            raise InvalidInput(f"A part of type {part.type} needs the field {part.type}.")
        shown.append(image)
        return {"type": "image"}

    def _accepts_parts(self) -> bool:
        """Return whether the template supports lists of parts; text-only templates fail on them."""
        probe = {"role": "user", "content": [{"type": "text", "text": "hello"}]}
        try:
            text = _rendered(self._writes, [probe])
        except (TemplateError, TypeError):
            return False
        return "hello" in text and "'type'" not in text
