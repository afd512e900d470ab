"""The OpenVINO library, without what its Python package reports to its vendor.

At import it would send an event over the internet, unless the user refused on this machine. If the
package that sends it is missing, it does not, and works the same.
"""

import sys
from typing import Any

sys.modules["openvino_telemetry"] = None  # pyright: ignore[reportArgumentType]

import openvino  # noqa: E402
from openvino import opset15  # noqa: E402

VERSION: str = openvino.__version__.partition("-")[0]
library: Any = openvino
operations: Any = opset15
