"""What the client needs of the way to an engine: whole messages out and in, and word of how it ended."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Protocol

KILLED = "it was killed, perhaps because the memory ran out"
"""How an engine ended that the system has killed; told within longer sentences."""


class Connection(Protocol):
    """One end of a two-way stream of whole byte messages (multiprocessing.connection.Connection is one).

    `send_bytes` may be called from one thread while another waits in `recv_bytes`.
    """

    def send_bytes(self, data: bytes, /) -> None:
        """Raises OSError when the other end is gone."""

    def recv_bytes(self) -> bytes:
        """Waits for the next message. Raises EOFError or OSError when the other end is gone."""

    def close(self) -> None: ...


class Transport(Protocol):
    """A running engine and the connection to it. Made by a `TransportFactory`, used once."""

    @property
    def connection(self) -> Connection: ...

    @property
    def pid(self) -> int:
        """Process id of the engine; that of this process when it is hosted here."""

    def ended(self, timeout: float) -> str | None:
        """Waits up to `timeout` seconds. How it ended in plain words ("" when orderly), None while it lives."""

    def kill(self) -> None:
        """End it now, whatever it does."""


TransportFactory = Callable[..., Transport]
"""Called with nothing, or with threads=N for an engine that computes with so many processor threads."""


class Queues:
    """One end of a connection within this process; see `joined`. None means: closed."""

    def __init__(self, incoming: queue.SimpleQueue[bytes | None], outgoing: queue.SimpleQueue[bytes | None]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._closed = False

    def send_bytes(self, data: bytes, /) -> None:
        if self._closed:
            raise BrokenPipeError("the connection is closed")
        self._outgoing.put(data)

    def recv_bytes(self) -> bytes:
        data = self._incoming.get()
        if data is None:
            self._incoming.put(None)  # it stays closed for whoever asks again
            raise EOFError
        return data

    def close(self) -> None:
        self._closed = True
        self._incoming.put(None)
        self._outgoing.put(None)


def joined() -> tuple[Queues, Queues]:
    """Both ends of a connection within this process."""
    there: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    back: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    return Queues(back, there), Queues(there, back)
