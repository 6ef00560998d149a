"""Machines of a cluster find each other before TensorFlow is asked to: it waits for ever, deaf to signals, for one that
does not come, and says nothing.

Each listens at its own address and calls all others until every one was reached and has called. Only then does anybody
stop listening, and the addresses are free for TensorFlow.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Sequence

from workbench.core.errors import TrainError

SECONDS = 300.0
PAUSE = 0.2  # between two rounds of calls
TALK = 2.0  # seconds that one call may take
_GREETING = 64  # bytes
_HEARD = b"heard"


def meet(
    addresses: Sequence[str],
    worker: int,
    seconds: float = SECONDS,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Return when all machines are there.

    Args:
        addresses: host:port of each, the same list in the same order on all.
        worker: which of them this is.
        seconds: how long the others may take.
        told: hears whom it waits for, each time that changes.

    Raises:
        TrainError: this machine's port is taken, another was given another list, or some did not come in time.
    """
    greeting = _greeting(addresses, worker)
    reached: set[int] = set()
    others = set(range(len(addresses))) - {worker}
    end = time.monotonic() + seconds
    waiting = ""
    with _Door(addresses, worker, greeting) as door:
        while not (others <= door.called and others <= reached):
            if door.wrong is not None:
                raise door.wrong
            text = ", ".join(addresses[i] for i in sorted(others - (door.called & reached)))
            if text != waiting:
                waiting = text
                told(f"Waiting for {text}.")
            if time.monotonic() > end:
                raise TrainError(
                    f"No answer from {text} within {seconds:.0f} seconds.",
                    where="--cluster",
                    remedy="Start the same line there with its own --worker, and see that no firewall lies between.",
                )
            for other in sorted(others - reached):
                if _call(addresses[other], greeting, addresses):
                    reached.add(other)
            time.sleep(PAUSE)


class _Door:
    """Answers whoever calls, on a thread of its own: two machines that call each other at once must not wait for each
    other. called: numbers of those who have called and heard the answer."""

    def __init__(self, addresses: Sequence[str], worker: int, greeting: bytes) -> None:
        self._addresses = addresses
        self._greeting = greeting
        self._socket = _listening(addresses[worker])
        self._open = True
        self.called: set[int] = set()
        self.wrong: TrainError | None = None
        self._thread = threading.Thread(target=self._answer, name="cluster-door", daemon=True)

    def __enter__(self) -> _Door:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while self._open:
            try:
                line, peer = self._socket.accept()
            except TimeoutError:
                continue
            with line:
                line.settimeout(TALK)
                try:
                    said = _read(line, _GREETING)
                    line.sendall(self._greeting)
                    heard = _read(line, len(_HEARD)) == _HEARD
                    found = _known(said, self._greeting, peer[0])
                except OSError:
                    continue  # it calls again
                except TrainError as error:
                    self.wrong = error
                    return
            if heard and found is not None and found < len(self._addresses):
                self.called.add(found)


def _greeting(addresses: Sequence[str], worker: int) -> bytes:
    """Who this is and what list it was given, in 64 bytes."""
    same = hashlib.blake2b("\n".join(addresses).encode(), digest_size=16).hexdigest()
    return f"workbench {same} {worker}".ljust(_GREETING).encode()


def _known(said: bytes, greeting: bytes, address: str) -> int | None:
    """The number of the machine that said this; None for something else that happens to be at that port."""
    words, mine = said.decode("latin-1").split(), greeting.decode().split()
    if len(words) != 3 or words[0] != mine[0] or not words[2].isdecimal():
        return None
    if words[1] != mine[1]:
        raise TrainError(
            f"The machine at {address} was given another list of machines.",
            where="--cluster",
            remedy="Give --cluster the same addresses in the same order on every machine.",
        )
    return int(words[2])


def _listening(address: str) -> socket.socket:
    port = int(address.rpartition(":")[2])
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("", port))
        door.listen(64)
    except OSError as error:
        door.close()
        raise TrainError(
            f"Port {port} of this machine cannot be used: {error.strerror or error}.",
            where="--cluster",
            remedy="End the program that uses it, or choose another port for this machine.",
        ) from error
    door.settimeout(PAUSE)
    return door


def _call(address: str, greeting: bytes, addresses: Sequence[str]) -> bool:
    """Whether that machine answered for itself."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=TALK) as line:
            line.sendall(greeting)
            said = _read(line, _GREETING)
            line.sendall(_HEARD)
    except OSError:
        return False  # not there yet, or not the one; the caller tries again until the time is over
    found = _known(said, greeting, address)
    return found is not None and found < len(addresses) and addresses[found] == address


def _read(line: socket.socket, count: int) -> bytes:
    said = b""
    while len(said) < count and (more := line.recv(count - len(said))):
        said += more
    return said
