"""WebSocket with a deployment's progress: replays missed events, then sends new ones."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from backend.api.security import key_matches, sent_key
from backend.api.services import Services, Use
from backend.domain.base import Value
from backend.domain.deployment import State
from backend.domain.events import ENDINGS, Event
from backend.domain.ids import utc_now
from backend.errors import PlatformError
from backend.progress.broadcast import SlowWatcher
from backend.store.records import DeploymentRecord

router = APIRouter(tags=["events"])
KEY_PROTOCOL = "slipway.key."
TICKET_PROTOCOL = "slipway.ticket."
PROTOCOL = "slipway.v1"
WORKING = frozenset({State.PENDING, State.INITIALIZING, State.UPDATING})
SEND_SECONDS = 10.0
DONE = (1000, "done")


class Ticket(Value):
    """Opens one WebSocket within 30 seconds, as the subprotocol `slipway.ticket.<ticket>`."""

    ticket: str
    expires_in_seconds: float = 30.0


@router.post("/ws-ticket")
async def ticket(use: Use) -> Ticket:
    """Create a ticket for a browser, which cannot send headers when it opens a WebSocket."""
    return Ticket(ticket=use.tickets.issue())


def _may_enter(socket: WebSocket, use: Services) -> bool:
    if use.rules.key_sha256 is None:
        return True
    key = sent_key(socket.headers)
    if key is not None:
        return key_matches(use.rules, key)
    for name in socket.scope.get("subprotocols", []):
        if name.startswith(TICKET_PROTOCOL):
            return use.tickets.use(name.removeprefix(TICKET_PROTOCOL))
        if name.startswith(KEY_PROTOCOL):
            return key_matches(use.rules, name.removeprefix(KEY_PROTOCOL))
    return False


@router.websocket("/ws/{key}")
async def watch(socket: WebSocket, key: str, use: Use) -> None:
    """Send events after `?after=SEQ`; close with 1000 after the last, unless `?follow=true`."""
    if not _may_enter(socket, use):
        await socket.close(1008, "unauthorized")
        return
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    try:
        after = _after(socket.query_params.get("after", "0"))
        record = await use.store.deployments.find(key)
    except PlatformError as error:
        await socket.close(1008, error.code)
        return
    except ValueError:
        await socket.close(1008, "invalid-request")
        return
    follow = socket.query_params.get("follow") == "true"
    listener = asyncio.create_task(_listen(socket))
    try:
        code, reason = await _follow(
            Visit(
                socket=socket, use=use, record=record, after=after, follow=follow, listener=listener
            )
        )
        with suppress(RuntimeError):
            await socket.close(code, reason)
    except (WebSocketDisconnect, TimeoutError, RuntimeError):
        pass
    finally:
        listener.cancel()


def _after(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 2**53:
        raise ValueError(text)
    return value


async def _listen(socket: WebSocket) -> None:
    """Return when the client disconnects; received messages are ignored."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One open WebSocket and its parameters."""

    socket: WebSocket
    use: Services
    record: DeploymentRecord
    after: int
    follow: bool
    listener: asyncio.Task[None]


async def _follow(visit: Visit) -> tuple[int, str]:
    """Send events until the WebSocket must be closed; return close code and reason."""
    ended = await visit.use.store.events.last_ending(visit.record.id)
    over = visit.record.state not in WORKING
    if over and visit.after >= ended and not visit.follow:
        return DONE
    try:
        return await _send_all(visit, ended, over)
    except SlowWatcher:
        return 1013, "slow consumer"
    except PlatformError as error:
        return 1000, error.code


async def _send_all(visit: Visit, ended: int, over: bool) -> tuple[int, str]:
    settings, deployment_id = visit.use.settings, visit.record.id
    opened = last_sent = time.monotonic()
    beat = min(settings.ws_heartbeat_interval, 1.0)
    async for event in visit.use.journal.follow(deployment_id, visit.after, beat):
        now = time.monotonic()
        if visit.listener.done():
            return 1000, "client closed"
        if event is not None:
            await _send(visit.socket, event)
            last_sent = now
            if not visit.follow and _is_last(event, ended, over):
                break
        elif now - last_sent >= settings.ws_heartbeat_interval:
            await _send(visit.socket, await _heartbeat(visit.use, deployment_id))
            last_sent = now
        if now - opened >= settings.ws_connection_timeout:
            return 1001, "reconnect with after"
    return DONE


def _is_last(event: Event, ended: int, over: bool) -> bool:
    """Whether this is the last event: that of the current attempt, or the known last one."""
    seq = event.seq or 0
    return seq >= ended if over else event.type in ENDINGS and seq > ended


async def _send(socket: WebSocket, event: Event) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await socket.send_text(event.model_dump_json())


async def _heartbeat(use: Services, deployment_id: str) -> Event:
    record = await use.store.deployments.get(deployment_id)
    progress = record.progress
    return Event(
        seq=None,
        at=utc_now(),
        type="heartbeat",
        subject=record.id,
        deployment_id=record.id,
        current_step=progress.current_step,
        percent=progress.percent,
        completed_steps=progress.completed_steps,
        message=record.message,
        elapsed_seconds=progress.elapsed_seconds,
    )
