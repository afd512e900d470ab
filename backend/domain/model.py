"""Facts about a model that are known before its weights are downloaded."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.engine import EngineName
from backend.domain.gguf import GgufModel
from backend.domain.peft_adapter import PeftAdapter
from backend.domain.quantization import Quantization
from backend.domain.request import Source
from backend.domain.sentence_transformers import SentenceTransformersModel

Modality = Literal["nlp", "vision", "audio", "video", "multimodal", "tabular"]


class ModelFile(Value):
    """A file of a repository, with its expected hash."""

    path: str = Field(description="Path inside the repository.")
    bytes: int = Field(description="Size in bytes.")
    sha256: str | None = Field(default=None, description="SHA-256 of a large (LFS) file.")
    git_sha1: str | None = Field(default=None, description="Git blob id of a small file.")
    commit: str | None = Field(
        default=None, description="Commit of the file, if it is not the model's."
    )


class PickleWeights(Value):
    """Weights that are converted to safetensors before they are loaded."""

    files: dict[str, str] = Field(
        description="Safetensors file that the conversion writes, by its pickle file."
    )
    bytes: int = Field(description="Size of the pickle files.")
    refused: list[str] = Field(
        default=[],
        description="What the restricted unpickler of torch refuses to load, by name; if it is not "
        "empty, loading can run code.",
    )
    unmapped_bytes: int = Field(
        default=0,
        description="Size of the largest file that the conversion reads into memory completely: "
        "those that torch before 1.6 wrote.",
    )


class OnnxFile(Value):
    """The ONNX file to load."""

    path: str
    dtype: str = Field(description="Precision of its weights, by its name.")
    dtypes: list[str] = Field(
        default=[], description="Precisions of all ONNX files of the repository."
    )
    data: list[str] = Field(default=[], description="Files beside it with its weights.")
    inputs: list[str] = Field(default=[], description="Inputs of the model; empty: unknown.")


class ModelFacts(Value):
    """A model at one commit: the input of the validate step, shown in the wizard."""

    retired = frozenset({"has_pickle_only", "is_legacy_pickle", "layers"})

    id: str
    source: Source
    revision: str = Field(description="Requested revision, for example `main`.")
    commit: str = Field(
        description="40 hex digits; starters and local folders have a content hash."
    )
    task: str | None = Field(description="Canonical task; null: unknown.")
    architectures: list[str] = Field(default=[], description="From config.json.")
    modules: SentenceTransformersModel | None = Field(
        default=None, description="Modules of sentence-transformers, if it has modules.json."
    )
    pickled_head: str | None = Field(
        default=None,
        description="Pickle file of a SetFit model with its classifier, which is not loaded.",
    )
    library: str | None = None
    engines: list[EngineName] = Field(
        default=["torch"], min_length=1, description="Engines that can run it, best first."
    )
    parameters: int | None = Field(default=None, description="Number of parameters.")
    weight_bytes: int = Field(description="Size of the weights to load, in bytes.")
    weight_dtype: str | None = Field(default=None, description="Most common dtype of the weights.")
    download_bytes: int = Field(description="Size of all files to download, in bytes.")
    files: list[ModelFile] = Field(description="Files to download.")
    license: str | None = None
    gated: bool = False
    page: str | None = Field(
        default=None, description="URL of the model page, to read it or to accept its terms."
    )
    onnx: OnnxFile | None = Field(
        default=None, description="The ONNX file, if it is loaded instead of other weights."
    )
    gguf: GgufModel | None = Field(
        default=None, description="The GGUF files, if they are loaded instead of other weights."
    )
    base_model: str | None = Field(
        default=None, description="The model that this one was made from, as its authors state."
    )
    pickle: PickleWeights | None = Field(
        default=None, description="Weights that exist only as pickle files."
    )
    quantization: Quantization | None = Field(
        default=None, description="How the weights are quantized; null: they are not."
    )
    renamed: dict[str, str] = Field(
        default={}, description="File that the model server sees, by the file it is a copy of."
    )
    weights_revision: str | None = Field(
        default=None,
        description="Revision with the Hub's own conversion to safetensors, if the weights are "
        "taken from it.",
    )
    safetensors_revision: str | None = Field(
        default=None,
        description="Another revision with safetensors, if loading the pickle files can run code.",
    )
    gguf_sibling: str | None = Field(
        default=None,
        description="Another repository with the model in GGUF files, if it cannot be loaded here.",
    )
    added_model_type: str | None = Field(
        default=None, description="What config.json lacks, told by the class that it names."
    )
    timm_free_revision: str | None = Field(
        default=None, description="Another revision, which does not require the library timm."
    )
    needs_remote_code: bool = Field(
        default=False, description="The model requires Python code of its repository."
    )
    has_code: bool = Field(
        default=False, description="The repository contains Python code of a model, used or not."
    )
    handler_imports: list[str] = Field(
        default=[], description="Modules that handler.py imports and that are not installed."
    )
    tokenizer_libraries: list[str] = Field(
        default=[], description="Optional libraries that the tokenizer requires."
    )
    has_chat_template: bool = False
    config: dict[str, object] = Field(
        default={}, description="config.json, for the memory estimate."
    )
    adapter: PeftAdapter | None = Field(
        default=None, description="The weights are those of a PEFT adapter."
    )
    base: "ModelFacts | None" = Field(
        default=None,
        description="Base model of the adapter. Sizes, class and task are then those of both.",
    )
    vocoder: "ModelFacts | None" = Field(
        default=None,
        description="Vocoder of a model that generates spectrograms. Sizes are then those of both.",
    )

    @property
    def companion(self) -> "ModelFacts | None":
        """The second repository that the model requires: its base model, or its vocoder."""
        return self.base or self.vocoder

    @property
    def repositories(self) -> tuple["ModelFacts", ...]:
        """What is downloaded, with the facts of the files of each: model and companion."""
        if self.companion is None:
            return (self,)
        own = sum(file.bytes for file in self.files)
        alone = {"base": None, "vocoder": None, "download_bytes": own}
        return self.model_copy(update=alone), self.companion

    @property
    def shown_base(self) -> "Companion | None":
        """What is shown of the base model."""
        return _shown(self.base)

    @property
    def shown_vocoder(self) -> "Companion | None":
        """What is shown of the vocoder."""
        return _shown(self.vocoder)


class Companion(Value):
    """A second repository that a model requires, at a pinned commit."""

    id: str
    source: Source
    commit: str
    license: str | None
    gated: bool = False
    page: str | None = None


def _shown(facts: ModelFacts | None) -> Companion | None:
    if facts is None:
        return None
    return Companion.model_validate({name: getattr(facts, name) for name in Companion.model_fields})


class DeployedModel(Value):
    """The model of a deployment."""

    id: str
    source: Source
    commit: str
    task: str
    type: Modality
    parameters: int | None
    bytes: int
    license: str | None
    base: Companion | None = Field(
        default=None, description="Base model, if the model is a PEFT adapter."
    )
    vocoder: Companion | None = Field(
        default=None, description="Vocoder, if the model generates spectrograms."
    )


Verdict = Literal["fits", "tight", "does-not-fit", "unknown"]


class Fit(Value):
    """Whether a model fits into memory, with required and available bytes."""

    verdict: Verdict
    needed_bytes: int | None
    free_bytes: int
    reason: str = Field(description="One short sentence.")


class ModelCard(Value):
    """A model in a list of the wizard."""

    id: str
    source: Literal["hub", "starter", "local", "cached"]
    title: str
    task: str | None
    type: Modality | None
    description: str | None = None
    parameters: int | None = None
    download_bytes: int | None = None
    license: str | None = None
    gated: bool = False
    downloads: int | None = None
    likes: int | None = None
    updated_at: str | None = None
    served: bool = Field(default=True, description="Whether the task is supported.")
    kind: str | None = Field(
        default=None,
        description="Format of a folder that is not a transformers model and cannot be deployed, "
        "for example `GGUF files`; null otherwise. `note` then has the reason.",
    )
    note: str | None = Field(default=None, description="A limit or remark, for example its score.")
    used_by: list[str] = Field(default=[], description="Names of deployments of this model.")
    fit: Fit


class ModelDetail(ModelCard):
    """A model with all details, as in the side panel of the wizard."""

    revision: str
    commit: str | None
    architectures: list[str] = Field(default=[])
    formats: list[str] = Field(default=[], description="safetensors, pickle, onnx, gguf…")
    engines: list[EngineName] = Field(default=["torch"])
    files: list[ModelFile] = Field(default=[])
    page: str | None = None
    estimated_memory_bytes: int | None = None
    needs: list[str] = Field(
        default=[], description="Extras that the model requires in addition to what is installed."
    )
    needs_remote_code: bool = False
    has_code: bool = False
    pickle: PickleWeights | None = None
    weights_revision: str | None = None
    safetensors_revision: str | None = None
    has_chat_template: bool = False
    gguf: GgufModel | None = None
    base: Companion | None = Field(
        default=None, description="Base model, if the model is a PEFT adapter."
    )
    vocoder: Companion | None = Field(
        default=None, description="Vocoder, if the model generates spectrograms."
    )
