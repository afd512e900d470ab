"""A model in GGUF files, the format of llama.cpp: what is known before the download."""

from pydantic import Field

from backend.domain.base import Value

# More is allocated before the first request, whether it is used or not.
MOST_CONTEXT_TOKENS = 8192
# Requests that llama.cpp processes at the same time, unless the request for a deployment says it.
PARALLEL_REQUESTS = 4


class GgufServer(Value):
    """What a model server needs to know of its GGUF file."""

    file: str = Field(description="In the folder of the model; the first of a split file.")
    context_tokens: int = Field(description="Of all requests in progress together.")
    has_chat_template: bool


class GgufVariant(Value):
    """One quantization of the model: a file, or the parts of a split file in order."""

    quantization: str = Field(description="By the file name, for example `Q4_K_M`.")
    bytes: int = Field(description="Size of all parts, in bytes.")
    files: list[str] = Field(min_length=1)


class GgufModel(Value):
    """The variant to load, the others of the repository, and facts of the header."""

    variant: GgufVariant
    variants: list[GgufVariant] = Field(default=[], description="All of the repository.")
    architecture: str = Field(description="As llama.cpp names it, for example `llama`.")
    context_tokens: int = Field(description="Maximum number of tokens of a prompt and its output.")
    cache_elements: int = Field(description="Numbers in the key-value cache for each token.")
    vocabulary: int = Field(description="Number of tokens that the model knows.")
    embedding: int = Field(description="Size of the hidden state.")
