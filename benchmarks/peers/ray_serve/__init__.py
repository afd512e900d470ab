"""Ray Serve with `@serve.batch`: batches of up to 32 within 5 ms."""

from benchmarks.peers.base import Peer, server_file

PEER = Peer(
    name="ray_serve",
    kinds=("embeddings",),
    packages=("ray[serve]>=2.60",),
    command=server_file("ray_serve"),
    starts_in_seconds=180.0,
)
