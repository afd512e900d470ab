"""A BentoML service; BENCH_MODEL is the folder of the model."""

import os

import bentoml
import numpy as np


@bentoml.service(workers=1, traffic={"timeout": 300})
class Embeddings:
    def __init__(self) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        self.model = SentenceTransformer(os.environ["BENCH_MODEL"], device="cpu")

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=300_000)
    def encode(self, texts: list[str]) -> np.ndarray:
        return self.model.encode(texts)
