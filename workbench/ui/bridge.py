"""The engine client for the window: the same verbs, with every callback on the UI thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from workbench.link.client import EngineClient, EngineState
from workbench.link.messages import Device, Message, Ready, Vitals
from workbench.link.transport import TransportFactory

OnAnswer = Callable[[Message], None]
SILENT_S = 10.0  # the engine tells its memory every two seconds, whatever it does
LOOK_MS = 1000


@dataclass(frozen=True)
class EngineStatus:
    """state: "starting" | "ready" | "dead" | "stopped". memory: resident bytes of the engine, 0 unknown. load: its
    share of all processor cores; card_load: of the time of the graphics card, 0 to 1; card_memory: bytes taken there.
    -1: not known. silent: nothing was heard of it for a while, though it says something every two seconds."""

    state: str = "stopped"
    text: str = ""
    devices: tuple[Device, ...] = ()
    memory: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    restarting: bool = False
    load: float = -1.0
    card_load: float = -1.0
    card_memory: int = -1
    silent: bool = False


@dataclass
class _Newest:
    """One request in flight and the newest that waits behind it."""

    message: Message
    on_answer: OnAnswer


class EngineBridge(QObject):
    """Signals: status_changed(EngineStatus), told(Message): run events in the order the engine said them."""

    status_changed = Signal(object)
    told = Signal(object)
    _deliver = Signal(object)

    def __init__(self, transport_factory: TransportFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status = EngineStatus()
        self._client = EngineClient(transport_factory)
        self._waiting: dict[str, _Newest | None] = {}
        self._closed = False
        self._heard_at = time.monotonic()
        self._late = 0  # looks in a row that found it silent: after one, what waits in this thread's queue is heard
        self._watch = QTimer(self)
        self._watch.setInterval(LOOK_MS)
        self._watch.timeout.connect(self._listen)
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._forget = self._client.listen(self._post_heard)

    @property
    def pid(self) -> int:
        """Process id of the engine, 0 while there is none."""
        return self._client.pid

    def start(self) -> None:
        """Start the engine (again); returns at once."""
        self._client.start()
        self._watch.start()

    def kill(self) -> None:
        """End the engine at once, whatever it does; another is started."""
        self._client.kill()

    def use_threads(self, threads: int) -> None:
        """Compute with so many processor threads, 0 for all; see link.client.EngineClient.use_threads."""
        self._client.use_threads(threads)

    def ask(self, message: Message, on_answer: OnAnswer, on_progress: OnAnswer | None = None) -> int:
        """Send a request. Both callbacks come on the UI thread; see link.client.EngineClient.ask."""
        progress = None if on_progress is None else lambda m: self._post(lambda: on_progress(m))
        return self._client.ask(message, lambda m: self._post(lambda: on_answer(m)), progress)

    def ask_newest(self, key: str, message: Message, on_answer: OnAnswer) -> None:
        """For a stream of questions (a pad being drawn on): one is in flight, only the newest waits behind it.

        What a newer one overtook is never sent and never answered.
        """
        if key in self._waiting:
            self._waiting[key] = _Newest(message, on_answer)
            return
        self._waiting[key] = None

        def answered(answer: Message) -> None:
            newest = self._waiting.pop(key, None)
            on_answer(answer)
            if newest is not None:
                self.ask_newest(key, newest.message, newest.on_answer)

        self.ask(message, answered)

    def cancel(self, number: int) -> None:
        self._client.cancel(number)

    def shut_down(self, timeout: float = 3.0) -> None:
        """End the engine in order; a running run checkpoints first. Nothing is delivered any more."""
        self._closed = True
        self._watch.stop()
        self._forget()
        self._client.stop(timeout)

    # ---- from the reader thread to the UI thread -------------------------------------------------------------

    def _post(self, call: Callable[[], None]) -> None:
        if not self._closed:
            self._deliver.emit(call)

    def _post_heard(self, heard: Message | EngineState) -> None:
        self._post(lambda: self._heard(heard))

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _heard(self, heard: Message | EngineState) -> None:
        self._heard_at, self._late = time.monotonic(), 0
        if self.status.silent:
            self._set(replace(self.status, silent=False))
        old = self.status
        if isinstance(heard, EngineState):
            memory = old.memory if heard.state in ("ready", "starting") else 0
            self._set(EngineStatus(heard.state, heard.text, old.devices, memory, old.versions, heard.restarting))
        elif isinstance(heard, Ready):
            self._set(EngineStatus(old.state, old.text, heard.devices, old.memory, dict(heard.versions)))
        elif isinstance(heard, Vitals):
            measured = {"load": heard.load, "card_load": heard.card_load, "card_memory": heard.card_memory}
            self._set(replace(old, memory=heard.memory, **measured))
        else:
            self.told.emit(heard)

    def _listen(self) -> None:
        if self.status.state != "ready" or time.monotonic() - self._heard_at < SILENT_S:
            self._late = 0
            return
        self._late += 1
        if self._late > 1:
            self._set(replace(self.status, silent=True))

    def _set(self, status: EngineStatus) -> None:
        if status != self.status:
            self.status = status
            self.status_changed.emit(status)
