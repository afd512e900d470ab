"""Inference engines: what runs the forward pass of a model."""

from typing import Literal

EngineName = Literal["torch", "openvino", "onnxruntime", "diffusers", "llama.cpp", "handler"]
