"""Ports are bound for real."""

import socket

import pytest

from backend.keeper.ports import CannotBind, is_listening, listen, listen_at, listen_within, port_of


def test_port_in_use_is_rejected_if_fixed_and_skipped_in_range() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = port_of(taken)
        with pytest.raises(CannotBind) as caught:
            listen_at("127.0.0.1", port)
        assert caught.value.code == "taken"
        with pytest.raises(CannotBind) as none_free:
            listen_within("127.0.0.1", range(port, port + 1))
        assert none_free.value.code == "none-free"


def test_skipped_ports_are_never_bound() -> None:
    with listen("127.0.0.1", 0) as found:
        port = port_of(found)
    with pytest.raises(CannotBind) as none_left:
        listen_within("127.0.0.1", range(port, port + 1), frozenset({port}))
    assert none_left.value.code == "none-free"


def test_foreign_address_and_port_in_use_are_different_errors() -> None:
    with pytest.raises(CannotBind) as caught:
        listen_within("192.0.2.1", range(20_000, 20_010))
    assert caught.value.code == "bad-host"


def test_only_listening_tcp_socket_is_adopted() -> None:
    with listen("127.0.0.1", 0) as listening, socket.socket() as plain:
        assert is_listening(listening)
        assert not is_listening(plain)
    left, right = socket.socketpair()
    with left, right:
        assert not is_listening(left)
