"""A bare FastAPI application with the same bodies: the reference for HTTP overhead.

`python -m benchmarks.servers.fastapi_route PORT`. `/predict` is typed, `/untyped` returns 32 x 384
floats the way that FastAPI converts by default.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

ROWS = [[i / 384 - 0.5 for i in range(384)]] * 32


class Body(BaseModel):
    """The request."""

    inputs: str | list[str]


class Label(BaseModel):
    """A class with its score."""

    label: str
    score: float


app = FastAPI()


@app.post("/predict")
async def predict(body: Body) -> list[list[Label]]:
    """Two labels."""
    del body
    return [[Label(label="POSITIVE", score=0.75), Label(label="NEGATIVE", score=0.25)]]


@app.post("/untyped")
async def untyped(body: Body):
    """Rows without a declared type."""
    del body
    return ROWS


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
