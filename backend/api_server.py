"""Composition root: the only place where the objects of the control plane are created.

`python -m backend.api_server` serves the API and the wizard: one app on two sockets.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import httpx2
import structlog
from fastapi import FastAPI
from pydantic import ValidationError

from backend import logs
from backend.api import exposure as exposures
from backend.api.application import guarded, make_app, without_services
from backend.api.cached_files import models_of
from backend.api.console import announce, warn, warn_of_own_ports
from backend.api.derived import (
    database_url,
    hub_options,
    limits_of,
    paths_of,
    port_range_of,
    rules_of,
)
from backend.api.metrics import EXPOSITION_AGE, metrics_app
from backend.api.metrics_guard import metrics_beside
from backend.api.model_workers import model_workers
from backend.api.proxy import upstream_session
from backend.api.services import Services
from backend.api.serving import Signals, make_server, serve_beside
from backend.api.sockets import listen_all
from backend.api.system_facts import SystemFacts
from backend.api.upstreams import Upstreams
from backend.config import Settings, process_environment, unknown_names
from backend.deployment_service import DeploymentService, ServiceDependencies
from backend.errors import PlatformError
from backend.host.facade import LocalHost
from backend.hub.models import Models
from backend.hub.token import TokenFile
from backend.load_test.facade import LoadGenerator
from backend.packages.extras import Extras
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.engine_selection import EngineSelection
from backend.pipeline.idle_monitor import IdleMonitor
from backend.pipeline.load_tests import LoadTests
from backend.pipeline.metrics_scraper import LatestMetrics, Scraper
from backend.pipeline.probe import HttpProber
from backend.pipeline.skips import Skips
from backend.progress.broadcast import Broadcast
from backend.progress.history import History
from backend.progress.journal import Journal
from backend.runtimes.environment import inherited
from backend.runtimes.local import LocalRuntime
from backend.runtimes.program import program_of
from backend.store import Store, open_store
from backend.store.lock import only_one
from backend.transport.event_loop import new_event_loop

log = structlog.get_logger(__name__)
ROOT = Path(__file__).parents[1]
MODEL_SERVER = "backend.inference"
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h


class ControlPlane:
    """The running control plane, opened and closed once. Model servers run `module`."""

    def __init__(self, settings: Settings, module: str) -> None:
        self.settings = settings
        self.exposure, serve_host = exposures.decide(settings)
        self.paths = paths_of(settings)
        self.rules = rules_of(settings, self.exposure)
        self.limits = limits_of(settings, self.rules, self.paths, serve_host)
        self.store: Store = open_store(database_url(settings, self.paths))
        may_fork = settings.warm_start == "auto" and module == MODEL_SERVER
        self.runtime = LocalRuntime(
            self.paths,
            port_range_of(settings),
            program_of(module, process_environment(), may_fork=may_fork),
        )
        self.token_file = TokenFile(self.paths.storage / "hub-token", settings.token)
        self.hub = Models(hub_options(settings, self.paths, self.token_file, ROOT))
        self.environment = environment = inherited(process_environment())
        self.select_engine = EngineSelection(str(ROOT), environment)
        self.workers = model_workers(settings, self.paths, environment, ROOT)
        self.history = History()
        self.app = make_app(self.opening, settings.api_prefix, ROOT / "dist")
        self.latest = LatestMetrics()
        self.scraper: Scraper | None = None
        self.ends_models: Callable[[], bool] = lambda: False
        self.on_open: Callable[[], None] = lambda: None
        self.failure: PlatformError | None = None

    @asynccontextmanager
    async def opening(self, _app: FastAPI) -> AsyncGenerator[Services]:
        """Open all services in order, close them in reverse. Models keep running by default."""
        async with AsyncExitStack() as stack:
            try:
                services = await self._open(stack)
            except PlatformError as error:
                self.failure = error
                raise
            self.on_open()
            yield services

    async def _open(self, stack: AsyncExitStack) -> Services:
        stack.enter_context(only_one(self.paths.storage))
        await self.store.database.open()
        stack.push_async_callback(self.store.database.close)
        await self.runtime.open()
        stack.push_async_callback(self._leave_runtime)
        limits = httpx2.Limits(max_connections=500)
        client = await stack.enter_async_context(
            # To model servers, over HTTP: reading certificates would delay the start.
            httpx2.AsyncClient(timeout=None, limits=limits, trust_env=False, verify=False)
        )
        session = await stack.enter_async_context(upstream_session())
        services = self._services(client, session)
        stack.push_async_callback(self.hub.close)
        await self._collect_garbage()
        await services.deployments.open()
        stack.push_async_callback(services.deployments.close)
        await services.load_tests.open()
        stack.push_async_callback(services.load_tests.close)
        self.scraper = services.scraper
        scraping = asyncio.create_task(services.scraper.run())
        stack.push_async_callback(_end, scraping)
        return services

    async def refresh(self) -> None:
        """Scrape all servers; no-op before the services are open."""
        if self.scraper is not None:
            await self.scraper.refresh(max_age=EXPOSITION_AGE)

    async def _collect_garbage(self) -> None:
        """Remove partial files of models that no deployment uses."""
        living = await self.store.deployments.living()
        versions = await self.store.versions.many([(item.id, item.version) for item in living])
        await self.workers.collect_garbage()
        used = (name for item in versions.values() for _, name in models_of(item))
        await self.hub.collect_garbage(set(used))

    def _services(self, client: httpx2.AsyncClient, session: aiohttp.ClientSession) -> Services:
        settings, paths = self.settings, self.paths
        host = LocalHost(paths.cache)
        extras = Extras(
            sys.executable,
            ROOT / "requirements" / "extras",
            paths.storage / "environments",
            process_environment(),
            settings.torch_index_url,
        )
        key = settings.api_key.get_secret_value() if settings.api_key else None
        pipeline = PipelineDependencies(
            models=self.hub,
            host=host,
            packages=extras,
            converter=self.workers.conversions,
            runtimes={"local": self.runtime},
            select_engine=self.select_engine,
            exporter=self.workers.exports,
            measure=self.workers.measurements,
            skips=Skips(),
            probe=HttpProber(client, key),
            limits=self.limits,
        )
        journal = Journal(self.store.events, Broadcast())
        dependencies = ServiceDependencies(
            store=self.store,
            journal=journal,
            pipeline=pipeline,
            storage=paths.storage,
            max_workers=settings.max_workers,
            restart_limit=settings.restart_limit,
        )
        deployments = DeploymentService(dependencies)
        facts = SystemFacts(settings, self.exposure, host, extras, self.token_file)
        return Services(
            settings=settings,
            paths=paths,
            store=self.store,
            journal=journal,
            deployments=deployments,
            pipeline=pipeline,
            hub=self.hub,
            derived=(self.workers.conversions, self.workers.exports),
            token_file=self.token_file,
            rules=self.rules,
            exposure=self.exposure,
            upstreams=Upstreams(self.store),
            upstream_session=session,
            history=self.history,
            scraper=Scraper(
                self.store, pipeline, self.history, self.latest, IdleMonitor(deployments.sleep)
            ),
            load_tests=LoadTests(
                self.store,
                journal,
                pipeline,
                LoadGenerator(source=str(ROOT), environment=self.environment),
                key,
            ),
            system=facts.system,
        )

    async def _leave_runtime(self) -> None:
        if self.ends_models():
            await self.runtime.shutdown()
        else:
            await self.runtime.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def create_app(settings: Settings) -> FastAPI:
    """The application without middleware, sockets and services, to generate OpenAPI from."""
    return make_app(without_services, settings.api_prefix, ROOT / "dist")


async def run(settings: Settings, module: str) -> int:
    """Serve until a signal is received; return the exit status. Raises errors at startup."""
    control_plane = ControlPlane(settings, module)
    warn_of_own_ports(settings)
    sockets, has_wizard = listen_all(settings, control_plane.exposure.host, ROOT / "dist")
    app = guarded(control_plane.app, control_plane.rules, settings.max_request_mb * 10**6)
    main_server = make_server(app, lifespan=True)
    numbers = metrics_app(control_plane.store, control_plane.latest, control_plane.refresh)
    beside = metrics_beside(numbers, settings, control_plane.rules, control_plane.exposure)
    servers = [main_server, *([beside[0]] if beside else [])]
    signals = Signals()
    signals.install(servers)
    control_plane.ends_models = lambda: signals.ends_everything or settings.stop_models_on_exit
    control_plane.on_open = lambda: announce(
        settings, control_plane.exposure, has_wizard=has_wizard
    )
    # Imported modules and built objects stay: the garbage collector need not scan them again.
    gc.freeze()
    side = [asyncio.create_task(serve_beside(*beside))] if beside else []
    try:
        await main_server.serve(sockets=sockets)
    except SystemExit:  # uvicorn exits this way if the lifespan failed
        if control_plane.failure is None:
            raise
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*side, return_exceptions=True)
    if control_plane.failure is not None:
        raise control_plane.failure
    return 0


def main(module: str = MODEL_SERVER) -> int:
    """Read the settings and serve; print one clear message for an error."""
    env_file = Path(".env")
    for name, nearest in unknown_names(env_file):
        hint = f"; did you mean {nearest}?" if nearest else "."
        warn(f"Unknown setting {name} in {env_file}{hint}")
    try:
        settings = Settings()
        logs.configure(settings.logs_path.expanduser(), settings.log_level, settings.log_format)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(run(settings, module))
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in item["loc"]).upper() or "settings"
            sys.stderr.write(f"error: {name}: {item['msg'].removeprefix('Value error, ')}\n")
        sys.stderr.write("Correct this in .env; .env.example shows every setting.\n")
        return EXIT_CONFIG
    except PlatformError as error:
        sys.stderr.write(f"error: {error.detail}\n{error.problem().remedy}\n")
        return EXIT_CONFIG


if __name__ == "__main__":
    sys.exit(main())
