"""Cannot be imported here, as with a broken library."""


def preload() -> None:
    message = "a library is broken"
    raise ImportError(message)
