"""`python server.py MODEL PORT KIND`: a LitAPI with batching, or one that runs no model."""

import sys

import litserve
import torch

MODEL, PORT, KIND = sys.argv[1], int(sys.argv[2]), sys.argv[3]


class Embeddings(litserve.LitAPI):
    def setup(self, device):
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        self.model = SentenceTransformer(MODEL, device="cpu")

    def decode_request(self, request):
        return request["inputs"]

    def predict(self, batch):
        return self.model.encode(list(batch))

    def encode_response(self, output):
        return output.tolist()


class NoOp(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return request["inputs"]

    def predict(self, text):
        return [[{"label": "POSITIVE", "score": 0.5}, {"label": "NEGATIVE", "score": 0.5}]]

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    api = NoOp() if KIND == "no-op" else Embeddings(max_batch_size=32, batch_timeout=0.005)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=PORT, generate_client_file=False, log_level="warning")
