"""Errors in the model's repository or files."""

from backend.errors.base import PlatformError


class UnsafeFormat(PlatformError):
    """The pickle weights contain more than tensors, so that loading them would run their code.

    torch's restricted unpickler (`weights_only=True`) refuses what the message names.

    ## What to do
    Use a model (or a revision) with safetensors. `allow.pickle` loads the file without restrictions
    in the sealed conversion process, at your own risk.
    """

    code = "unsafe-format"
    title = "Loading the pickle weights would run code"
    status = 422
    remedy = (
        "Use a safetensors model{alternative}, or set allow.pickle after reading what it means."
    )
    facts = ("alternative",)


class ConversionFailed(PlatformError):
    """The pickle weights could not be converted to safetensors."""

    code = "conversion-failed"
    title = "The pickle weights could not be converted"
    status = 422
    remedy = "Use a model or a revision with safetensors."


class RemoteCode(PlatformError):
    """The model requires Python code from its repository to run on this machine."""

    code = "remote-code"
    title = "The model requires its own Python code"
    status = 422
    remedy = "Choose another model, or review the code at {commit} and set allow.remote_code."
    facts = ("commit",)


class UnsafeRepository(PlatformError):
    """A file name or an index in the repository points outside the repository."""

    code = "unsafe-repository"
    title = "The repository refers to files outside itself"
    status = 422
    remedy = "Do not use this repository, and report it to the Hub."


class CorruptModel(PlatformError):
    """The content of the model's files does not match their format."""

    code = "corrupt-model"
    title = "The model files are corrupt"
    status = 422
    remedy = "Use another revision or model."


class MissingFiles(PlatformError):
    """A file that is required to load the model is missing from the repository."""

    code = "missing-files"
    title = "Required files of the model are missing"
    status = 422
    remedy = "Use another revision, or ask the author to add {missing}."
    facts = ("missing",)


class UnsupportedFormat(PlatformError):
    """The repository or folder does not contain a transformers model.

    It contains, for example, the parts of a model in ONNX, a LoRA of diffusers, or a PEFT adapter
    whose base model is unknown.
    """

    code = "unsupported-format"
    title = "The format of this model is not supported"
    status = 422
    remedy = "{instead}"
    facts = ("instead",)


class UnknownTask(PlatformError):
    """The task cannot be detected from the model, or is unknown to Slipway."""

    code = "unknown-task"
    title = "The task of this model is unknown"
    status = 422
    remedy = "Set `task` to one of the tasks in GET /api/v1/tasks."


class TaskNotServed(PlatformError):
    """The task is known but not supported, for the stated reason."""

    code = "task-not-served"
    title = "This task is not supported"
    status = 422
    remedy = "Choose a model with another task; GET /api/v1/tasks lists the supported ones."


class ModelNotSupported(PlatformError):
    """The installed libraries cannot run this model for the task, for the stated reason."""

    code = "model-not-supported"
    title = "This model is not supported"
    status = 422
    remedy = "{instead}"
    facts = ("instead",)


class MissingLibrary(PlatformError):
    """The model requires a library that is not installed."""

    code = "missing-library"
    title = "The model requires a library that is not installed"
    status = 422
    remedy = "Add the extra {extra} to `dependencies.extras` and retry."
    facts = ("extra",)


class UnsupportedOption(PlatformError):
    """This machine or this model does not support a requested option."""

    code = "unsupported-option"
    title = "This option is not supported here"
    status = 422
    remedy = "{instead}"
    facts = ("instead",)
