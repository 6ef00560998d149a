"""The client against a small scripted engine: routing, staleness, death, restart, an orderly end."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from typing import Any

import numpy as np
import pytest

from workbench.core.facts import GraphFacts
from workbench.core.project import Graph, TrainSpec
from workbench.link.client import EngineClient, EngineState
from workbench.link.messages import (
    Batches,
    CheckGraph,
    Control,
    Evaluate,
    Export,
    Failed,
    GraphChecked,
    Message,
    Predict,
    Predicted,
    Progress,
    Ready,
    RunEnded,
    RunStateChanged,
    Shutdown,
    Train,
    Warm,
)
from workbench.link.wire import decode, encode

WAIT = 10.0


class Scripted:
    """A transport whose engine is a function of this test, on a thread."""

    def __init__(self, behave: Callable[[Message, Scripted], None], ending: str = "it was killed") -> None:
        self.connection, self._theirs = Pipe()
        self.pid = 1
        self.killed = False
        self._ending = ending
        self._behave = behave
        self._over = threading.Event()
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()

    def say(self, message: Message) -> None:
        self._theirs.send_bytes(encode(message))

    def die(self) -> None:
        if not self._over.is_set():
            with socket.socket(fileno=os.dup(self._theirs.fileno())) as raw:
                raw.shutdown(socket.SHUT_RDWR)  # also where another thread waits in it
            self._over.set()

    def kill(self) -> None:
        self.killed = True
        self._ending = "it was killed"
        self.die()

    def ended(self, timeout: float) -> str | None:
        return self._ending if self._over.wait(timeout) else None

    def _loop(self) -> None:
        try:
            while not self._over.is_set():
                message = decode(self._theirs.recv_bytes())
                if isinstance(message, Warm):
                    self.say(Ready({"keras": "3"}, (), 0.1, request=message.request))
                elif isinstance(message, Shutdown):
                    self._ending = ""
                self._behave(message, self)
        except (EOFError, OSError):
            pass
        self.die()
        self._theirs.close()


class Ear:
    """Keeps what a callback hears and hands it out in order."""

    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __call__(self, message: object) -> None:
        self.heard.put(message)

    def next(self, kind: type, check: Callable[[Any], bool] = lambda m: True) -> Any:
        while True:
            message = self.heard.get(timeout=WAIT)
            if isinstance(message, kind) and check(message):
                return message

    def state(self, name: str) -> EngineState:
        found: EngineState = self.next(EngineState, lambda s: s.state == name)
        return found


def orderly(message: Message, engine: Scripted) -> None:
    if isinstance(message, Shutdown):
        engine.die()
    elif isinstance(message, Predict):
        engine.say(Predicted(message.x["x"] * 2, 1.0, request=message.request))
    elif isinstance(message, Evaluate):
        engine.die()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def clients(ear: Ear) -> Iterator[Callable[..., EngineClient]]:
    made: list[EngineClient] = []
    before = set(threading.enumerate())

    def make(behave: Callable[[Message, Scripted], None] = orderly, **options: Any) -> EngineClient:
        client = EngineClient(lambda: Scripted(behave), **options)
        client.listen(ear)
        made.append(client)
        return client

    yield make
    for client in made:
        client.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("engine-") and t not in before]


def test_it_warms_up_says_ready_and_answers(clients: Callable[..., EngineClient], ear: Ear) -> None:
    client = clients()
    client.start()
    ear.state("starting")
    assert ear.next(Ready).versions == {"keras": "3"}
    ear.state("ready")
    answer = client.call(Predict("r", {"x": np.ones(3, np.float32)}), WAIT)
    assert isinstance(answer, Predicted)
    assert answer.y.tolist() == [2, 2, 2]
    client.stop()
    ear.state("stopped")
    late = client.call(Predict("r", {}), WAIT)
    assert isinstance(late, Failed)
    assert late.cancelled


def test_a_newer_check_makes_the_older_answer_stale(clients: Callable[..., EngineClient]) -> None:
    waiting: list[CheckGraph] = []

    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, CheckGraph):
            waiting.append(message)
            if len(waiting) == 2:
                for check in waiting:
                    engine.say(GraphChecked(GraphFacts(parameters=check.request), request=check.request))
        orderly(message, engine)

    client = clients(behave)
    client.start()
    first, second = Ear(), Ear()
    client.ask(CheckGraph(Graph(), None, TrainSpec()), first)
    number = client.ask(CheckGraph(Graph(), None, TrainSpec()), second)
    assert second.next(GraphChecked).facts.parameters == number
    assert first.heard.empty()


def test_another_number_of_threads_takes_another_engine_which_answers_what_was_open(ear: Ear) -> None:
    made: list[int] = []

    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, Train):
            engine.say(RunEnded("r", "finished", 1, 0, 0.1, request=message.request))
        elif not (isinstance(message, Predict) and len(made) == 1):  # the first engine never answers
            orderly(message, engine)

    def start(threads: int = 0) -> Scripted:
        made.append(threads)
        return Scripted(behave)

    client = EngineClient(start)
    client.listen(ear)
    client.start()
    ear.state("ready")
    answer = Ear()
    client.ask(Predict("r", {"x": np.ones(3, np.float32)}), answer)
    assert client.use_threads(2)
    assert client.use_threads(2)  # nothing more to do
    assert answer.next(Predicted).y.tolist() == [2, 2, 2]
    assert "with 2 processor threads" in ear.state("starting").text
    ear.state("ready")
    assert made == [0, 2]
    assert isinstance(client.call(Train("r"), WAIT), RunEnded)
    client.stop()
    assert client.state.state == "stopped"


def test_threads_are_not_changed_under_a_run(clients: Callable[..., EngineClient], ear: Ear) -> None:
    client = clients()
    client.start()
    ear.state("ready")
    client.ask(Train("r"), Ear())
    assert not client.use_threads(1)
    assert client.use_threads(0)


def test_a_run_that_was_short_of_memory_leaves_a_fresh_engine(ear: Ear) -> None:
    made: list[Scripted] = []

    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, Train):
            first = len(made) == 1
            reason, cause = ("failed", "memory") if first else ("finished", "")
            engine.say(RunEnded("r", reason, 1, 0, 0.1, cause=cause, request=message.request))
        orderly(message, engine)

    def start() -> Scripted:
        made.append(Scripted(behave))
        return made[-1]

    client = EngineClient(start)
    client.listen(ear)
    client.start()
    ear.state("ready")
    failed, again = Ear(), Ear()
    client.ask(Train("r"), failed)
    assert failed.next(RunEnded).cause == "memory"
    client.ask(Train("r", resume=True, batch_size=16), again)
    assert again.next(RunEnded).reason == "finished"
    ear.state("ready")
    assert len(made) == 2
    assert not made[0].killed
    client.stop()


def test_run_events_go_to_listeners_and_the_end_answers(clients: Callable[..., EngineClient], ear: Ear) -> None:
    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, Train):
            n = message.request
            engine.say(RunStateChanged("r", "running", request=n))
            engine.say(Batches("r", 0, 0, {"loss": np.zeros(3, np.float32)}, 1.0, 1.0, request=n))
        elif isinstance(message, Control):
            engine.say(RunStateChanged("r", "stopping", request=message.request))
            engine.say(RunEnded("r", "stopped", 1, 0, 1.0, request=1 + message.request - 1))
        orderly(message, engine)

    client = clients(behave)
    client.start()
    answered, stopped = Ear(), Ear()
    client.ask(Train("r"), answered)
    assert len(ear.next(Batches).values["loss"]) == 3
    assert answered.heard.empty()
    client.ask(Control("r", "stop"), stopped)
    assert stopped.next(RunStateChanged).state == "stopping"
    assert ear.next(RunEnded).reason == "stopped"


def test_progress_comes_before_the_answer(clients: Callable[..., EngineClient]) -> None:
    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, Export):
            engine.say(Progress(1, 2, "writing", request=message.request))
            engine.say(Failed("no", "there", "try", request=message.request))
        orderly(message, engine)

    client = clients(behave)
    client.start()
    progress = Ear()
    answer = client.call(Export("r", "onnx", "out"), WAIT, progress)
    assert isinstance(answer, Failed)
    assert progress.next(Progress).text == "writing"


def test_a_dead_engine_fails_what_was_open_and_comes_back(clients: Callable[..., EngineClient], ear: Ear) -> None:
    client = clients()
    client.start()
    ear.state("ready")
    training = Ear()
    client.ask(Train("r"), training)
    answer = client.call(Evaluate("r"), WAIT)
    assert isinstance(answer, Failed)
    assert "ended unexpectedly" in answer.what
    assert "it was killed" in answer.what
    assert not training.next(Failed).remedy  # what is kept of the run, its folder says
    assert ear.state("dead").restarting
    ear.state("ready")
    assert isinstance(client.call(Predict("r", {"x": np.ones(1)}), WAIT), Predicted)


def test_an_engine_that_dies_while_it_starts_is_not_said_to_be_of_no_use(ear: Ear) -> None:
    class Dying(Scripted):
        def say(self, message: Message) -> None:
            self.die()

    engines = iter([Dying(orderly), Scripted(orderly)])
    client = EngineClient(lambda: next(engines))
    client.listen(ear)
    client.start()
    dead = ear.state("dead")
    assert dead.restarting
    assert "ended unexpectedly" in dead.text
    assert ear.next(EngineState).state == "starting"
    ear.state("ready")
    client.stop()


def test_an_engine_that_keeps_dying_is_left_dead_and_can_be_started(
    clients: Callable[..., EngineClient], ear: Ear
) -> None:
    def behave(message: Message, engine: Scripted) -> None:
        if isinstance(message, Warm):
            engine.die()
        orderly(message, engine)

    client = clients(behave, restarts=2)
    client.start()
    final = ear.next(EngineState, lambda s: s.state == "dead" and not s.restarting)
    assert "3 times" in final.text
    assert isinstance(client.call(Predict("r", {}), WAIT), Failed)
    client.start()
    ear.state("starting")


def test_an_engine_that_cannot_be_started_says_why(ear: Ear) -> None:
    def factory() -> Scripted:
        raise OSError("no more processes")

    client = EngineClient(factory)
    client.listen(ear)
    client.start()
    assert "no more processes" in ear.state("dead").text


def test_an_engine_that_will_not_end_is_killed(ear: Ear) -> None:
    made: list[Scripted] = []

    def factory() -> Scripted:
        made.append(Scripted(lambda message, engine: None))
        return made[0]

    client = EngineClient(factory)
    client.listen(ear)
    client.start()
    ear.state("ready")
    client.stop(timeout=0.05)
    assert made[0].killed
    ear.state("stopped")


def test_an_engine_that_does_not_answer_is_ended_by_hand_and_another_takes_over(
    clients: Callable[..., EngineClient], ear: Ear
) -> None:
    def deaf(message: Message, engine: Scripted) -> None:
        if isinstance(message, Shutdown):
            engine.die()

    client = clients(deaf, restarts=0)
    client.kill()  # there is none yet
    client.start()
    ear.state("ready")
    answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
    client.ask(Train("runs/r"), answers.put)
    client.kill()
    answer = answers.get(timeout=WAIT)
    assert isinstance(answer, Failed)
    assert "ended by hand" in answer.what
    assert ear.state("dead").restarting  # though nothing may die by itself here
    ear.state("ready")


def test_a_listener_that_fails_is_logged_and_the_others_go_on(
    clients: Callable[..., EngineClient], ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    client = clients()

    def broken(message: object) -> None:
        raise RuntimeError("mistake")

    client.listen(broken)
    later = Ear()
    client.listen(later)
    client.start()
    later.state("ready")
    assert "a listener failed" in caplog.text
