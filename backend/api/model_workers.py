"""What derives files and figures from models in worker processes, built from the settings."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.config import Settings
from backend.conversion.facade import Conversions
from backend.domain.paths import Paths
from backend.export.facade import Exports
from backend.measurement.facade import Measurements


@dataclass(frozen=True, kw_only=True)
class ModelWorkers:
    """Conversions of pickle weights, exported graphs, and measurements."""

    conversions: Conversions
    exports: Exports
    measurements: Measurements

    async def collect_garbage(self) -> None:
        """Called at start: remove what interrupted workers left."""
        await self.conversions.collect_garbage()
        await self.exports.collect_garbage()


def model_workers(
    settings: Settings, paths: Paths, environment: Mapping[str, str], root: Path
) -> ModelWorkers:
    """Workers with this environment, which run in the folder `root`, where our packages are."""
    source, seconds = str(root), settings.prepare_measure_seconds
    return ModelWorkers(
        conversions=Conversions(
            paths.storage / "converted",
            python=sys.executable,
            source=source,
            environment=environment,
        ),
        exports=Exports(
            paths.storage / "exported",
            source=source,
            environment=environment,
            # Without a measurement no graph is ever chosen.
            is_on=seconds > 0,
        ),
        measurements=Measurements(
            paths.storage / "measurements",
            source=source,
            environment=environment,
            seconds=seconds,
            step_seconds=settings.prepare_timeout,
        ),
    )
