"""The face's end: ask the engine, hear its events, and bring it back when it dies.

Threads. Every callback (answers, progress, listeners) comes on the client's reader thread, one at a time, in the
order of the messages; a callback must be quick and must not wait for another answer. Only when the client was never
started or is stopped does `ask` answer on the caller's own thread. `ask`, `listen`, `start` and `stop` may be called
from any thread and never wait for the engine (`stop` waits up to its timeout).
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from .messages import (
    Cancel,
    CheckGraph,
    Failed,
    Message,
    Progress,
    Ready,
    RunEnded,
    Shutdown,
    Train,
    Vitals,
    Warm,
)
from .transport import Transport, TransportFactory
from .wire import WireError, decode, encode

log = logging.getLogger(__name__)

OnAnswer = Callable[[Message], None]
Listener = Callable[["Message | EngineState"], None]


@dataclass(frozen=True)
class EngineState:
    """What has become of the engine itself.

    state: "starting" (process started, TensorFlow loading) | "ready" | "dead" (ended by itself) | "stopped" (asked to).
    text: one or two sentences for people. restarting: the client starts it again by itself.
    """

    state: str
    text: str = ""
    restarting: bool = False


@dataclass
class _Asked:
    message: Message
    on_answer: OnAnswer
    on_progress: OnAnswer | None


class EngineClient:
    """Asks an engine and hears its events.

    Args:
        transport_factory: starts an engine (link.spawn.ChildProcess, or engine.main.in_process_transport).
        restarts: so many restarts of a dead engine within `within` seconds; then it stays dead until `start`.
    """

    def __init__(self, transport_factory: TransportFactory, *, restarts: int = 3, within: float = 60.0) -> None:
        self._factory = transport_factory
        self._restarts = restarts
        self._within = within
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._newest_check = 0
        self._listeners: list[Listener] = []
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._transport: Transport | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._ended_by_hand: Transport | None = None
        self._threads = 0
        self._wanted = 0  # which engine, counted up with each that takes the place of one in order
        self._state = EngineState("stopped")

    # ---- the face's verbs ----------------------------------------------------------------------------------

    @property
    def state(self) -> EngineState:
        """The engine's state at this moment."""
        return self._state

    @property
    def pid(self) -> int:
        """Process id of the engine, 0 while there is none."""
        transport = self._transport
        return transport.pid if transport else 0

    def start(self) -> None:
        """Start the engine and warm it up; listeners hear "starting", later Ready and "ready". No-op while it runs."""
        with self._lock:
            if self._thread is not None:
                return
            self._stopping = False
            self._state = EngineState("starting", "The engine is starting.")
            self._thread = threading.Thread(target=self._run, name="engine-client", daemon=True)
            self._outbox = queue.SimpleQueue()
            self._thread.start()

    def use_threads(self, threads: int) -> bool:
        """Have an engine that computes with so many processor threads, 0 for all: TensorFlow takes their number only
        before it computes anything, so another engine is started where it differs. What was asked and not answered is
        asked again of the new one.

        Returns False, and nothing is done, while a run trains.
        """
        with self._lock:
            if any(isinstance(asked.message, Train) for asked in self._asked.values()):
                return threads == self._threads
            if threads != self._threads:
                self._threads = threads
                self._replace()
        return True

    def _replace(self) -> None:
        """Have another engine; what was asked and not answered is asked again of it. Under the lock."""
        self._wanted += 1
        before, self._outbox = self._outbox, queue.SimpleQueue()
        self._asked = {n: asked for n, asked in self._asked.items() if not isinstance(asked.message, Warm)}
        for asked in self._asked.values():
            self._outbox.put(encode(asked.message))
        before.put(encode(Shutdown()))

    def ask(self, message: Message, on_answer: OnAnswer, on_progress: OnAnswer | None = None) -> int:
        """Send a request and return its number.

        `on_answer` is called once, with the answer or Failed. Train is answered by RunEnded (its other events go to
        the listeners). A CheckGraph that a newer one has overtaken is not answered at all. `on_progress` gets the
        Progress messages in between.

        Raises:
            WireError: the message carries something that cannot cross.
        """
        number = next(self._numbers)
        message = replace(message, request=number)
        data = encode(message)
        with self._lock:
            alive = self._thread is not None and not self._stopping
            if alive:
                if isinstance(message, CheckGraph):
                    self._asked.pop(self._newest_check, None)
                    self._newest_check = number
                self._asked[number] = _Asked(message, on_answer, on_progress)
                self._outbox.put(data)
        if not alive:
            on_answer(_no_engine(number, self._state))
        return number

    def call(self, message: Message, timeout: float | None = None, on_progress: OnAnswer | None = None) -> Message:
        """Ask and wait for the answer; for the command line and tests, never on the reader or a UI thread.

        Raises:
            TimeoutError: no answer came within `timeout` seconds.
        """
        box: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.ask(message, box.put, on_progress)
        try:
            return box.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(f"no answer to {type(message).__name__} within {timeout} s") from None

    def cancel(self, number: int) -> None:
        """Give up a request; it still answers, Failed(cancelled=True) where it was in time."""
        with self._lock:
            if number in self._asked:
                self._outbox.put(encode(Cancel(number)))

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Hear EngineState, Ready, Vitals and all run events. Returns a function that ends the listening."""
        with self._lock:
            self._listeners.append(callback)

        def forget() -> None:
            with self._lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return forget

    def stop(self, timeout: float = 3.0) -> None:
        """End the engine in order (a running run checkpoints) and wait for it; after `timeout` seconds kill it.
        Called from a callback it does not wait."""
        with self._lock:
            thread = self._thread
            self._stopping = True
            if thread is None:
                return
            self._outbox.put(encode(Shutdown()))
        if thread is threading.current_thread():
            return
        thread.join(timeout)
        if thread.is_alive() and (transport := self._transport) is not None:
            log.info("the engine did not end within %s s and is killed", timeout)
            transport.kill()
            thread.join(10.0)

    def kill(self) -> None:
        """End the engine at once, whatever it does, and start another: for one that does not answer. What was open is
        answered by Failed. Returns at once; nothing happens while there is none."""
        with self._lock:
            transport = self._ended_by_hand = self._transport
        if transport is not None:
            transport.kill()

    # ---- the reader thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        deaths: deque[float] = deque()
        while True:
            with self._lock:
                threads, wanted = self._threads, self._wanted
            try:
                transport = self._factory(threads=threads) if threads else self._factory()
            except Exception as error:  # whatever keeps a process from starting is told, not raised on this thread
                log.info("the engine cannot be started", exc_info=True)
                self._give_up(f"The engine cannot be started: {error}")
                return
            ending = self._serve(transport, threads, wanted)
            if self._stopping:
                break
            if wanted != self._wanted:
                continue
            if self._ended_by_hand is transport:
                text = "The engine was ended by hand."
                self._fail_all(f"{text} It is started again.", EngineState("dead", text, restarting=True))
                continue
            now = time.monotonic()
            deaths.append(now)
            while deaths and now - deaths[0] > self._within:
                deaths.popleft()
            cause = f" ({ending})" if ending else ""
            if len(deaths) > self._restarts:
                self._give_up(
                    f"The engine ended unexpectedly{cause}, {len(deaths)} times within "
                    f"{self._within:.0f} seconds; it is not started again by itself."
                )
                return
            text = f"The engine ended unexpectedly{cause}."
            self._fail_all(f"{text} It is started again.", EngineState("dead", text, restarting=True))
            if self._stopping:
                break
        self._fail_all("The engine is stopped.", EngineState("stopped", "The engine is stopped."), last=True)

    def _give_up(self, text: str) -> None:
        self._fail_all(text, EngineState("dead", text), last=True)

    def _serve(self, transport: Transport, threads: int, wanted: int) -> str:
        """Talk to one engine until it is gone; how it ended."""
        with self._lock:
            self._transport = transport
            stale = wanted != self._wanted  # use_threads came while the process was being started
            outbox = queue.SimpleQueue() if stale else self._outbox
            late = self._stopping or stale
        with_threads = f" with {threads} processor thread{'s' * (threads > 1)}" if threads else ""
        self._tell(EngineState("starting", f"The engine is starting{with_threads}."))
        writer = threading.Thread(target=_write, args=(transport, outbox), name="engine-writer", daemon=True)
        writer.start()
        if not stale:
            self.ask(Warm(), self._warmed)
        if late:  # stop() came while the process was being started
            outbox.put(encode(Shutdown()))
        try:
            while True:
                message = decode(transport.connection.recv_bytes())
                if wanted == self._wanted:  # else another engine answers what is open
                    self._dispatch(message)
        except (EOFError, OSError):
            pass
        except WireError:
            log.exception("the engine said something that is no message")
        finally:
            outbox.put(None)
            ending = transport.ended(2.0)
            if ending is None:
                transport.kill()
                ending = transport.ended(5.0) or "it no longer answered"
            writer.join()
            transport.connection.close()
        return ending

    def _warmed(self, answer: Message) -> None:
        if isinstance(answer, Ready):
            self._tell(answer)
            self._tell(EngineState("ready", "The engine is ready."))
        elif isinstance(answer, Failed) and not self._stopping and self._state.state == "starting":
            # It answers, so it has not ended: TensorFlow cannot be used on this machine, a restart would meet the same.
            self._tell(EngineState("dead", f"The engine cannot work on this machine: {answer.what}"))

    def _dispatch(self, message: Message) -> None:
        if isinstance(message, Progress):
            with self._lock:
                waiting = self._asked.get(message.request)
            if waiting and waiting.on_progress:
                _guarded(waiting.on_progress, message)
            return
        with self._lock:
            asked = self._asked.get(message.request)
        event = hasattr(message, "run")
        if event or isinstance(message, Vitals):
            self._tell(message)
        if asked is None:
            return  # an event on its own, or an answer that a newer request has made stale
        if event and isinstance(asked.message, Train) and not isinstance(message, RunEnded):
            return
        with self._lock:
            self._asked.pop(message.request, None)
            if isinstance(asked.message, Train) and _was_short(message):
                self._replace()
        _guarded(asked.on_answer, message)

    def _fail_all(self, text: str, state: EngineState, *, last: bool = False) -> None:
        """Answer all that is open with Failed. What is asked from here on goes to the next engine, or, with `last`,
        is answered at once."""
        with self._lock:
            pending, self._asked = self._asked, {}
            self._outbox = queue.SimpleQueue()
            self._state = state
            if last:
                self._thread = None
                self._transport = None
        self._tell(state)
        for number, asked in pending.items():
            remedy = "" if isinstance(asked.message, Train) else "Try it once more."  # its folder says what is kept
            _guarded(asked.on_answer, Failed(text, remedy=remedy, request=number, cancelled=state.state == "stopped"))

    def _tell(self, message: Message | EngineState) -> None:
        with self._lock:
            if isinstance(message, EngineState):
                self._state = message
            listeners = tuple(self._listeners)
        for listener in listeners:
            _guarded(listener, message)


def _no_engine(number: int, state: EngineState) -> Failed:
    text = state.text or "The engine is not running."
    return Failed(text, remedy="Start the engine again.", request=number, cancelled=state.state == "stopped")


def _was_short(answer: Message) -> bool:
    """Whether the memory was not enough for a run. An engine does not give all of it back that it took until then:
    what is done next, in smaller batches, would fail for want of a little."""
    return isinstance(answer, (RunEnded, Failed)) and answer.cause in ("memory", "weights")


def _guarded(callback: Callable[..., None], message: Message | EngineState) -> None:
    """A listener's own mistake must not end the reader thread; it is logged with its traceback."""
    try:
        callback(message)
    except Exception:
        log.exception("a listener failed on %s", type(message).__name__)


def _write(transport: Transport, outbox: queue.SimpleQueue[bytes | None]) -> None:
    """Sends what is asked, so that no asker waits for a full pipe. The reader notices when the engine is gone."""
    while (data := outbox.get()) is not None:
        try:
            transport.connection.send_bytes(data)
        except (OSError, ValueError):
            return
