"""All usage examples of one deployment."""

from backend.domain.deployment import ModelInfo, Result, UsageInstructions
from backend.domain.plan import Plan
from backend.domain.prepared import Prepared
from backend.pipeline.usage.curl import curl
from backend.pipeline.usage.example import example_of
from backend.pipeline.usage.inference_client import inference_client
from backend.pipeline.usage.javascript import javascript
from backend.pipeline.usage.openai import openai_example
from backend.pipeline.usage.python import requests_example
from backend.tasks import TASKS

DEVICES = {"cpu": "CPU", "mps": "Apple GPU"}
SOURCES = {"hub": "Hugging Face Hub", "starter": "Ships with Slipway", "local": "Local folder"}


def usage(plan: Plan, prepared: Prepared, url: str, wizard_url: str) -> Result:
    """The result of a deployment: examples for its server at `url`, and model information."""
    task = TASKS[plan.task]
    key = prepared.spec.api_key_sha256 is not None
    example = example_of(task, plan.model, task.sample(0), f"{url}/predict", key)
    device = prepared.receipt.device
    return Result(
        usage_instructions=UsageInstructions(
            description=f"{task.title}: {task.summary}",
            endpoint=example.endpoint,
            content_type=example.content_type,
            example_curl=curl(example),
            example_python=requests_example(example),
            example_inference_client=inference_client(example),
            example_openai=None
            if plan.model.engines[0] == "handler"
            else openai_example(task.name, plan.model, url, example.body, key=key),
            example_javascript=javascript(example),
            test_ui_url=f"{wizard_url}/test/{plan.deployment_id}",
        ),
        model_info=ModelInfo(
            source=f"{SOURCES[plan.model.source]}: {plan.model.id}",
            type=plan.type,
            device=DEVICES.get(device, device.upper()),
            cache_location=prepared.spec.model_dir,
        ),
    )
