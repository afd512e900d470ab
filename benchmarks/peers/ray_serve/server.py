"""`python server.py MODEL PORT KIND`: one replica behind Ray Serve's HTTP proxy."""

import sys
import time

import ray
from ray import serve

MODEL, PORT = sys.argv[1], int(sys.argv[2])


@serve.deployment(num_replicas=1, max_ongoing_requests=256, ray_actor_options={"num_cpus": 0.5})
class Embeddings:
    def __init__(self):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        self.model = SentenceTransformer(MODEL, device="cpu")

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.005)
    async def encode(self, texts):
        return [row.tolist() for row in self.model.encode(texts)]

    async def __call__(self, request):
        body = await request.json()
        return await self.encode(body["inputs"])


ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
serve.start(http_options={"host": "127.0.0.1", "port": PORT})
serve.run(Embeddings.bind(), route_prefix="/predict")
while True:
    time.sleep(60)
