"""Logging: JSON lines in LOGS_PATH, readable lines on a terminal; secrets are redacted in both."""

import logging
import logging.handlers
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

SECRET = re.compile(r"hf_[A-Za-z0-9]{8,}|(?<=[Bb]earer )[^\s\"']+")
MEGABYTES = 20 * 10**6


def redact(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Processor that replaces Hub tokens and bearer keys in every string of a log event."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRET.sub("[secret]", value)
    return event


def configure(folder: Path, level: str, style: str) -> None:
    """Configure structlog and standard logging with the same format."""
    folder.mkdir(parents=True, exist_ok=True)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
    ]
    render = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    file = logging.handlers.RotatingFileHandler(
        folder / "slipway.log", maxBytes=MEGABYTES, backupCount=3, encoding="utf-8"
    )
    file.setFormatter(_formatter(shared, [structlog.processors.format_exc_info, redact, render]))
    console = logging.StreamHandler(sys.stderr)
    readable = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    console.setFormatter(_formatter(shared, [redact, readable]))
    console.setLevel(logging.WARNING)
    logging.basicConfig(level=level, handlers=[file, console], force=True)
    for name in (
        "httpx",
        "httpx2",
        "httpcore",
        "httpcore2",
        "aiosqlite",
        "alembic",
        "uvicorn.access",
        "asyncio",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _formatter(shared: list[Any], last: list[Any]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
