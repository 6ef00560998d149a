"""A run that is being opened is stopped and paused as one that trains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.errors import Cancelled
from workbench.core.project import TrainSpec
from workbench.engine import held
from workbench.engine.checkpoints import CHECKPOINT
from workbench.engine.control import RunControl, look, opening
from workbench.link.messages import RunEnded, RunStarted, RunStateChanged

from .little_runs import chain, line, make_run, train_run


class Ear:
    """Does as a person would when the run says that it is in some state."""

    def __init__(self, control: RunControl, **does: str) -> None:
        self._control, self._does = control, does
        self.told: list[object] = []

    def __call__(self, message: object) -> None:
        self.told.append(message)
        how = self._does.pop(message.state, "") if isinstance(message, RunStateChanged) else ""
        if how in ("pause", "resume"):
            getattr(self._control, how)()
        elif how:
            self._control.end(how)

    @property
    def began(self) -> bool:
        return any(isinstance(m, RunStarted) for m in self.told)


def a_run(folder: Path) -> Path:
    graph = chain(("Dense", {"units": 1}))
    return make_run(folder, graph, TrainSpec(epochs=2, batch_size=6), {"train": line()})


def opened(folder: Path, resume: bool = False, **does: str) -> tuple[RunEnded, Ear]:
    control = RunControl()
    ear = Ear(control, **does)
    return train_run(folder, ear, control, resume=resume), ear


@pytest.mark.parametrize(("how", "state"), [("stop", "stopped"), ("abort", "aborted"), ("shutdown", "paused")])
def test_one_that_is_given_up_before_it_began_has_nothing_and_says_so(tmp_path: Path, how: str, state: str) -> None:
    folder = a_run(tmp_path)
    ended, ear = opened(folder, preparing=how)
    assert (ended.reason, ended.epochs, ended.best_epoch) == (state if state != "paused" else "stopped", 0, -1)
    assert not ear.began
    assert runs.read_run(folder).state == state
    assert not (folder / CHECKPOINT).exists()


def test_one_that_goes_on_is_paused_and_given_up_and_is_what_it_was(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    opened(folder, running="shutdown")
    before = (runs.read_run(folder), (folder / CHECKPOINT).read_bytes())
    assert before[0].state == "paused"
    ended, ear = opened(folder, resume=True, preparing="pause", paused="resume", tracing="stop")
    told = [(m.state, m.text) for m in ear.told if isinstance(m, RunStateChanged)]
    assert [state for state, _ in told] == ["preparing", "paused", "preparing", "tracing"]
    assert told[1][1] == "Paused before the first batch."
    assert (ended.reason, ended.epochs) == ("stopped", before[0].epochs_done)
    assert (runs.read_run(folder), (folder / CHECKPOINT).read_bytes()) == before


def test_reading_a_large_part_ends_between_two_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", np.arange(4000, dtype=np.float32).reshape(1000, 4))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    monkeypatch.setattr(held, "PIECE", 1600)  # a hundred rows
    control, read = RunControl(), []
    one = held.File.read

    def reads(self: held.File, first: int, out: np.ndarray) -> None:
        one(self, first, out)
        read.append(first)
        if first == 200:
            control.end("stop")

    monkeypatch.setattr(held.File, "read", reads)
    with pytest.raises(Cancelled), opening(control, lambda _state, _text: None):
        held.resident(mapped)
    assert read == [0, 100, 200]
    look()  # where nothing is opened it does nothing
    np.testing.assert_array_equal(held.resident(mapped).numpy(), mapped)


def test_what_cannot_be_broken_off_is_named(tmp_path: Path) -> None:
    control = RunControl()
    control.doing = "Compiling the training loop."
    assert control.when("Stopping") == "Stopping when this is done: compiling the training loop."
