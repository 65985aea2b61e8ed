"""Ports that stay one's own, also while nobody listens there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


def held_port() -> socket.socket:
    """A socket that holds a free port of loopback and lets a server listen there.

    A port that was merely free a moment ago may be another process's by now: the tests run in
    several, and every connection takes one. Who binds it with SO_REUSEADDR, as servers do, can;
    the system gives it to nobody. Connections are refused while no server listens.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def port_of(held: socket.socket) -> int:
    """Its number."""
    return int(held.getsockname()[1])


@contextmanager
def own_port() -> Iterator[int]:
    """A port that is held until the block is left."""
    with held_port() as held:
        yield port_of(held)
