"""Responses of the Hub, reduced to the fields that we read; all others are ignored."""

from pydantic import BaseModel, ConfigDict, Field


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SafetensorsInfo(_Response):
    """The number of parameters, as the Hub read it from the headers."""

    parameters: dict[str, int] = {}
    total: int | None = None


class RepoInfo(_Response):
    """`/api/models/{id}`; on a mirror every field but the commit may be missing."""

    id: str = ""
    sha: str | None = None
    gated: bool | str = False
    pipeline_tag: str | None = None
    library_name: str | None = None
    tags: list[str] = []
    cardData: dict[str, object] | None = None  # noqa: N815 (the Hub's name)
    downloads: int | None = None
    likes: int | None = None
    lastModified: str | None = None  # noqa: N815
    safetensors: SafetensorsInfo | None = None

    @property
    def license(self) -> str | None:
        """The license from the model card, else from the tags."""
        named = (self.cardData or {}).get("license")
        if isinstance(named, str):
            return named
        tagged = (tag.removeprefix("license:") for tag in self.tags if tag.startswith("license:"))
        return next(tagged, None)


class Lfs(_Response):
    """A Git LFS file; the Hub calls its SHA-256 `oid`."""

    oid: str
    size: int = Field(ge=0)


class TreeEntry(_Response):
    """One entry of a tree listing."""

    type: str
    path: str
    size: int = Field(default=0, ge=0)
    oid: str = ""
    lfs: Lfs | None = None


class Reference(_Response):
    """A branch, tag or pull request."""

    ref: str = ""
    name: str = ""


class Author(_Response):
    """Who opened a discussion."""

    name: str = ""


class Discussion(_Response):
    """A discussion or pull request."""

    num: int
    author: Author = Author()
    isPullRequest: bool = False  # noqa: N815


class Discussions(_Response):
    """One page of `/api/models/{id}/discussions`."""

    discussions: list[Discussion] = []


class References(_Response):
    """`/api/models/{id}/refs`."""

    branches: list[Reference] = []
    pullRequests: list[Reference] | None = None  # noqa: N815
