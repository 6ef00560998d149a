"""The two ways to host the engine: at the end of a pipe in a process of its own, or on threads of this process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from workbench.link.transport import Connection, joined

from .host import Host


def serve(connection: Connection, before_training: Callable[[], None] | None = None) -> None:
    """Serve one connection until the other side says Shutdown or is gone. before_training: see Host."""
    Host(connection, before_training).serve()


class InProcess:
    """The engine on threads of this process, for tests and debugging. See link.transport.Transport.

    It cannot be killed: `kill` cuts the connection, as a death would, and the threads end by themselves.
    """

    def __init__(self) -> None:
        self._connection, self._theirs = joined()
        self._how = ""
        self._thread = threading.Thread(target=serve, args=(self._theirs,), name="engine-host", daemon=True)
        self._thread.start()

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def pid(self) -> int:
        return os.getpid()

    def ended(self, timeout: float) -> str | None:
        """See Transport.ended."""
        self._thread.join(timeout)
        return None if self._thread.is_alive() else self._how

    def kill(self) -> None:
        """See Transport.kill."""
        self._how = "it was killed"
        self._connection.close()
        self._theirs.close()


def in_process_transport(threads: int = 0) -> InProcess:
    """A fresh engine on threads of this process; a TransportFactory for EngineClient.

    threads: cannot be kept, as TensorFlow may run here already; a run that asks for them says so.
    """
    return InProcess()
