"""The real engine in its own process, asked and waited for."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.link import messages as m
from workbench.link.client import EngineClient, EngineState
from workbench.link.spawn import ChildProcess
from workbench.link.transport import TransportFactory


@dataclass(frozen=True)
class Trained:
    """seconds: from asking to the end, all files written. steady: steps a second after the first epoch; 0 with one
    epoch. mode: the way of computing that was chosen."""

    seconds: float
    steady: float
    mode: str


class Engine:
    """Use as a context manager: started and warm on entering, ended on leaving."""

    def __init__(self, transport: TransportFactory | None = None) -> None:
        self.client = EngineClient(transport or partial(ChildProcess, give_way=False))
        self.events: queue.SimpleQueue[tuple[float, m.Message]] = queue.SimpleQueue()

    def __enter__(self) -> Engine:
        warm: queue.SimpleQueue[None] = queue.SimpleQueue()

        def heard(event: m.Message | EngineState) -> None:
            if isinstance(event, EngineState):
                if event.state == "ready":
                    warm.put(None)
            elif not isinstance(event, (m.RunEnded, m.Vitals, m.Ready)):
                self.events.put((time.perf_counter(), event))

        self.client.listen(heard)
        self.client.start()
        warm.get(timeout=180)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def begin(self, folder: Path) -> None:
        """Start a run; `until` waits for what it says."""
        self.client.ask(m.Train(str(folder)), lambda answer: self.events.put((time.perf_counter(), answer)))

    def until(self, wanted: Callable[[m.Message], bool], timeout: float = 900.0) -> tuple[float, m.Message]:
        """The first event from now on that is wanted, and when it came. Raises RuntimeError when the run fails."""
        while True:
            when, event = self.events.get(timeout=timeout)
            if isinstance(event, m.Failed):
                raise RuntimeError(f"{event.what} {event.detail}")
            if isinstance(event, m.RunEnded) and event.reason == "failed":
                raise RuntimeError(event.what)
            if wanted(event):
                return when, event
            if isinstance(event, m.RunEnded):
                raise RuntimeError("the run has ended")

    def train(self, folder: Path) -> Trained:
        """Train a run to its end."""
        begin = time.perf_counter()
        mode, steps = "", 0
        ended: list[float] = []
        self.begin(folder)
        while True:
            when, event = self.until(lambda _: True)
            if isinstance(event, m.RunStarted):
                mode, steps = event.mode, event.steps_per_epoch
            elif isinstance(event, m.EpochEnded):
                ended.append(when)
            elif isinstance(event, m.RunEnded):
                steady = (len(ended) - 1) * steps / (ended[-1] - ended[0]) if len(ended) > 1 else 0.0
                return Trained(when - begin, steady, mode)
