"""Sends one request exactly as written, for what HTTP clients refuse to send."""

import json
import socket
from typing import Any


def request(port: int, head: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON body of the response to these header lines."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        data = b""
        while b"\r\n\r\n" not in data or not data.endswith(b"}"):
            piece = connection.recv(65536)
            if not piece:
                break
            data += piece
    head_sent, _, body = data.partition(b"\r\n\r\n")
    return int(head_sent.split()[1]), json.loads(body)
