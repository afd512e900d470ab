"""Has a second thread, so that forking is not safe."""

import threading
import time


def preload() -> None:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
