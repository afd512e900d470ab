"""Services that the routes use; created in `api_server.py`, stored on the app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from aiohttp import ClientSession
from fastapi import Depends
from starlette.requests import HTTPConnection

from backend.api.security import Rules
from backend.api.tickets import Tickets
from backend.api.upstreams import Upstreams
from backend.config import Settings
from backend.deployment_service import DeploymentService
from backend.domain.machine import Exposure, System
from backend.domain.paths import Paths
from backend.hub.base import Hub
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.load_tests import LoadTests
from backend.pipeline.metrics_scraper import Scraper
from backend.progress.history import History
from backend.progress.journal import Journal
from backend.store import Store
from backend.store.events import Change
from backend.workers.derived_files import DerivedFiles


class TokenFile(Protocol):
    """The file of the Hub token from the wizard."""

    def write(self, token: str) -> None:
        """Store it with mode 0600; an empty token removes the file."""
        ...


@dataclass(kw_only=True)
class Services:
    """All services of the application."""

    settings: Settings
    paths: Paths
    store: Store
    journal: Journal[Change]
    deployments: DeploymentService
    pipeline: PipelineDependencies
    hub: Hub
    derived: tuple[DerivedFiles, ...]
    token_file: TokenFile
    rules: Rules
    exposure: Exposure
    upstreams: Upstreams
    upstream_session: ClientSession
    history: History
    scraper: Scraper
    load_tests: LoadTests
    system: Callable[[], System]
    tickets: Tickets = field(default_factory=Tickets)


def services(connection: HTTPConnection) -> Services:
    """FastAPI dependency: the services of this app."""
    return connection.app.state.services


Use = Annotated[Services, Depends(services)]
