"""The engine of custom handlers: the class `EndpointHandler` of the repository's own handler.py.

The interface is that of the Hub's inference toolkit: `EndpointHandler(path)` loads the model, and
the object is called with `{"inputs": …}` and the other fields of the body. It runs sealed, after
consent (see confinement.py).
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter
from backend.inference.adapters.handler import CustomHandler

_MODULE, _CLASS = "handler", "EndpointHandler"


def load(spec: ServerSpec) -> Adapter:
    """Import handler.py and create the handler. Raises LoadFailed, and what the code raises."""
    if not spec.allow_remote_code:
        raise LoadFailed("handler.py runs only with consent.")
    folder = Path(spec.model_dir).resolve()
    sys.path.insert(0, str(folder))
    module: Any = importlib.import_module(_MODULE)
    if not str(getattr(module, "__file__", "")).startswith(str(folder)):
        raise LoadFailed("Another module named handler was imported.")
    try:
        return CustomHandler(getattr(module, _CLASS)(path=str(folder)))
    except ImportError:
        raise
    except Exception as error:
        raise LoadFailed(
            f"handler.py could not be loaded ({type(error).__name__}); the log has the reason."
        ) from error
