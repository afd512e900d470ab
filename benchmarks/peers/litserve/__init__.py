"""LitServe with batches of up to 32 within 5 ms; for the part `http` also without a model."""

from benchmarks.peers.base import Peer, server_file

PEER = Peer(
    name="litserve",
    kinds=("embeddings", "no-op"),
    packages=("litserve>=0.2.19",),
    command=server_file("litserve"),
)
