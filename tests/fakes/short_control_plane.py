"""A control plane in a process of its own, to be killed: starts one stub server and says where.

`python -m tests.fakes.short_control_plane FOLDER FIRST_PORT`
"""

import asyncio
import sys
from pathlib import Path

from tests.fakes.local_runtime import RecordingReport, new_runtime, paths_in, stub_spec


async def main(folder: Path, first: int) -> None:
    runtime = new_runtime(paths_in(folder), range(first, first + 20))
    await runtime.open()
    handle = await runtime.start(stub_spec(), RecordingReport())
    print(handle.model_dump_json(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
