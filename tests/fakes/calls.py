"""Clients that call an endpoint again and again, beside what a test does."""

import threading

import httpx


class Caller:
    """Calls an endpoint 20 times a second, on a kept and on new connections; no retries."""

    def __init__(self, url: str) -> None:
        self.succeeded = 0
        self.failed: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._kept), threading.Thread(target=self._fresh)]

    def __enter__(self) -> "Caller":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, client: httpx.Client) -> None:
        try:
            response = client.post(self._url, json={"inputs": "a fine day"})
        except httpx.HTTPError as error:
            self.failed.append(repr(error))
            return
        if response.status_code == 200:
            self.succeeded += 1
        else:
            self.failed.append(response.text[:200])

    def _kept(self) -> None:
        with httpx.Client(verify=False) as client:
            while not self._stop.wait(0.1):
                self._call(client)

    def _fresh(self) -> None:
        while not self._stop.wait(0.1):
            with httpx.Client(verify=False) as client:
                self._call(client)
