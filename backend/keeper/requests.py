"""Parse requests and validate every field: an invalid one must not stop the keeper."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from backend.keeper.messages import Message
from backend.keeper.servers import Order
from backend.keeper.warm import WarmOrder

SERVER = re.compile(r"srv_[0-9a-z]{8,64}")


class BadRequest(Exception):
    """A field is missing or has the wrong type, or names something the keeper does not have."""


@dataclass(frozen=True)
class Wish:
    """The port that a deployment requests: one by number, or the first free one of a range."""

    deployment: str
    host: str
    port: int | None
    ports: range
    skip: frozenset[int] = frozenset()


def text(message: Message, name: str) -> str:
    """A required, non-empty string. Raises BadRequest, as every function here."""
    value = message.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name!r} must be a string")
    return value


def number(message: Message, name: str) -> int:
    """A required integer."""
    value = maybe_number(message, name)
    if value is None:
        raise BadRequest(f"{name!r} must be an integer")
    return value


def maybe_number(message: Message, name: str) -> int | None:
    """An integer or null."""
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{name!r} must be an integer or null")
    return value


def numbers(message: Message, name: str) -> frozenset[int]:
    """An optional list of integers."""
    value = message.get(name, [])
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    found = [item for item in items if isinstance(item, int) and not isinstance(item, bool)]
    if len(found) != len(items):
        raise BadRequest(f"{name!r} must be a list of integers")
    return frozenset(found)


def seconds(message: Message, name: str) -> float:
    """A required number of seconds."""
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{name!r} must be a number of seconds")
    return float(value)


def server_name(message: Message) -> str:
    """A server id. The pattern matters: the id becomes the name of a directory."""
    name = text(message, "server")
    if not SERVER.fullmatch(name):
        raise BadRequest(f"{name!r} is not a server id")
    return name


def wish(message: Message) -> Wish:
    """Parse the fields of `bind`."""
    port = maybe_number(message, "port")
    within = (
        range(0)
        if port is not None
        else range(number(message, "first"), number(message, "last") + 1)
    )
    skip = numbers(message, "skip")
    return Wish(text(message, "deployment"), text(message, "host"), port, within, skip)


def order(message: Message, run_dir: Path) -> Order:
    """Parse the fields of `start`."""
    argv = message.get("argv")
    env = message.get("env")
    if not isinstance(argv, list) or not isinstance(env, dict):
        raise BadRequest("'argv' must be a list and 'env' an object")
    server = server_name(message)
    return Order(
        server=server,
        deployment=text(message, "deployment"),
        folder=run_dir / server,
        argv=[str(part) for part in cast("list[object]", argv)],
        env={str(key): str(value) for key, value in cast("dict[object, object]", env).items()},
        cwd=text(message, "cwd"),
        memory_limit_bytes=maybe_number(message, "memory_limit_bytes"),
        limit_data=message.get("limit_data") is True,
        may_fork=message.get("may_fork") is True,
    )


def warm_order(message: Message) -> WarmOrder:
    """Parse the fields of `warm`."""
    argv, env = message.get("argv"), message.get("env")
    if not isinstance(argv, list) or not isinstance(env, dict) or not argv:
        raise BadRequest("'argv' must be a list and 'env' an object")
    return WarmOrder(
        argv=[str(part) for part in cast("list[object]", argv)],
        env={str(key): str(value) for key, value in cast("dict[object, object]", env).items()},
        cwd=text(message, "cwd"),
        idle_seconds=seconds(message, "idle_seconds"),
    )
