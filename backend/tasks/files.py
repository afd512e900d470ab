"""Types and descriptions of images and audio in the JSON of a request."""

from typing import Annotated

from pydantic import Field

IMAGE = "PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP or TIFF in base64 or as a `data:` URL"
AUDIO = "WAV, MP3, OGG, FLAC, M4A or WebM in base64 or as a `data:` URL"

ImageInputs = Annotated[str | list[str], Field(description=f"{IMAGE}; or a list.")]
AudioInputs = Annotated[str | list[str], Field(description=f"{AUDIO}; or a list.")]
