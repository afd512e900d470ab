"""The waiting rooms of all deployments: open until a server is ready."""

import asyncio
from pathlib import Path

from backend.errors import Problem
from backend.errors.inference import ModelLoading
from backend.runtimes.control_client import hello
from backend.runtimes.keeper_client import KeeperClient
from backend.runtimes.server_directory import find
from backend.runtimes.waiting_room import WaitingRoom

ESTIMATE_SECONDS = 20.0
LOADING = ModelLoading("The model server is starting.").problem()
RESTARTING = ModelLoading("The model server exited and is being restarted.").problem()
STOPPED = ModelLoading("The model server is stopped.").problem()


class WaitingRooms:
    """Owns the waiting rooms. One lock per deployment serializes opening and closing."""

    def __init__(self, run_dir: Path, keeper: KeeperClient) -> None:
        self._run_dir = run_dir
        self._keeper = keeper
        self._open: dict[str, WaitingRoom] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def open(
        self, deployment_id: str, problem: Problem, *, but: set[str] | None = None
    ) -> None:
        """Respond with this problem, unless a server (other than those in `but`) is ready."""
        async with self._lock(deployment_id):
            waiting_room = self._open.get(deployment_id)
            if waiting_room is not None:
                waiting_room.say(problem, ESTIMATE_SECONDS)
                return
            if await self._is_served(deployment_id, but or set()):
                return
            listener = await self._keeper.listener(deployment_id)
            waiting_room = WaitingRoom(listener, problem, ESTIMATE_SECONDS)
            await waiting_room.open()
            self._open[deployment_id] = waiting_room

    async def close(self, deployment_id: str) -> None:
        """Close the waiting room: a server is ready, or the port is released."""
        async with self._lock(deployment_id):
            waiting_room = self._open.pop(deployment_id, None)
            if waiting_room is not None:
                waiting_room.close()

    async def close_all(self) -> None:
        """Close all when the control plane ends: connections then wait in the listen backlog."""
        rooms = list(self._open.values())
        self._open.clear()
        for waiting_room in rooms:
            await waiting_room.abort()

    def is_open(self, deployment_id: str) -> bool:
        """Whether the waiting room responds for this deployment."""
        return deployment_id in self._open

    async def give_back(self, deployment_id: str | None = None) -> None:
        """Pass our duplicates to a new keeper, before it binds other ports for the deployments."""
        for name, waiting_room in list(self._open.items()):
            if deployment_id in {None, name}:
                await self._keeper.give(name, waiting_room.listener)

    async def _is_served(self, deployment_id: str, but: set[str]) -> bool:
        for folder, _ in find(self._run_dir, deployment_id):
            if folder.server not in but and folder.is_alive:
                known = await hello(folder)
                # One that does not respond is busy with requests, or will be found dead soon.
                if known is None or known.state == "ready":
                    return True
        return False

    def _lock(self, deployment_id: str) -> asyncio.Lock:
        return self._locks.setdefault(deployment_id, asyncio.Lock())
