"""What is known of a PEFT adapter before its weights are downloaded."""

from pydantic import Field

from backend.domain.base import Value

# Folder of the adapter in the folder that the model server loads.
FOLDER = "adapter"


class PeftAdapter(Value):
    """Weights that PEFT adds to those of a base model, from adapter_config.json."""

    kind: str = Field(description="`peft_type`, such as `LORA`.")
    task_type: str | None = Field(default=None, description="`task_type`, such as `CAUSAL_LM`.")
    model_class: str | None = Field(
        default=None, description="Class of the base model, if `auto_mapping` states it."
    )
    stated_base: str = Field(description="`base_model_name_or_path`: an id, or a path.")
    stated_revision: str | None = Field(default=None, description="Revision of the base model.")
    quantized_base: str | None = Field(
        default=None,
        description="The stated base model, if the same model without quantization is used.",
    )
    outputs: int | None = Field(
        default=None, description="Outputs of the classification head in the adapter."
    )
    has_head: bool = Field(
        default=False, description="The adapter has weights of the head of its task."
    )
    refused: str | None = Field(
        default=None, description="Why it cannot be merged into the base model; null: it can."
    )
