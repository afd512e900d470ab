"""Ports are bound for real."""

import socket

import pytest

from backend.keeper.ports import CannotBind, is_listening, listen, listen_at, listen_within, port_of


def test_a_port_that_is_taken_is_refused_by_number_and_passed_over_in_a_range() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = port_of(taken)
        with pytest.raises(CannotBind) as caught:
            listen_at("127.0.0.1", port)
        assert caught.value.code == "taken"
        with pytest.raises(CannotBind) as none_free:
            listen_within("127.0.0.1", range(port, port + 1))
        assert none_free.value.code == "none-free"


def test_ports_to_skip_are_never_bound_even_if_they_are_free() -> None:
    with listen("127.0.0.1", 0) as found:
        port = port_of(found)
    with pytest.raises(CannotBind) as none_left:
        listen_within("127.0.0.1", range(port, port + 1), frozenset({port}))
    assert none_left.value.code == "none-free"


def test_an_address_of_another_machine_is_told_apart_from_a_taken_port() -> None:
    with pytest.raises(CannotBind) as caught:
        listen_within("192.0.2.1", range(20_000, 20_010))
    assert caught.value.code == "bad-host"


def test_only_a_listening_tcp_socket_is_taken_over() -> None:
    with listen("127.0.0.1", 0) as listening, socket.socket() as plain:
        assert is_listening(listening)
        assert not is_listening(plain)
    left, right = socket.socketpair()
    with left, right:
        assert not is_listening(left)
