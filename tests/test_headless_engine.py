"""Every command gets its engine at one place, so that another can be put there for all of them at once."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.little_runs import chain, line, make_run
from tests.ui.engine import ScriptedEngine
from workbench import cli, headless_engine
from workbench.core import runs
from workbench.core.errors import WorkbenchError
from workbench.core.project import TrainSpec
from workbench.link import messages as m
from workbench.link.client import EngineClient

PROGRAM = Path(headless_engine.__file__).parent


def test_no_command_makes_an_engine_of_its_own():
    makers = [
        f"{file.name}:{node.lineno}"
        for file in [*PROGRAM.glob("headless*.py"), PROGRAM / "cli.py"]
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Engine"
    ]
    assert not makers, f"use headless_engine.open_engine() in {', '.join(makers)}"


@pytest.mark.parametrize("words", [["info", "m.onnx"], ["new", "p", "--data", "iris", "--model", "m.json"]])
def test_what_is_put_there_is_what_commands_use(words, tmp_path, monkeypatch, capsys):
    def refuse() -> contextlib.AbstractContextManager[headless_engine.Engine]:
        raise WorkbenchError("another engine")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(headless_engine, "started", refuse)
    Path("m.onnx").touch()
    Path("m.json").touch()
    assert cli.main(words, demo=lambda out: 0) == 2
    assert "another engine" in capsys.readouterr().err


@pytest.fixture
def scripted() -> Iterator[tuple[headless_engine.Engine, ScriptedEngine]]:
    """An engine of a command, without TensorFlow behind it; it tells two epochs of two batches, then waits."""
    behind, made = ScriptedEngine(), headless_engine.Engine()
    behind.finishes = False
    made.client = EngineClient(behind.transport, restarts=0)
    with made:
        yield made, behind


def lost(engine: headless_engine.Engine, folder: Path, kill: Callable[[], None]) -> WorkbenchError:
    """What is told when the engine ends after the second epoch."""

    def follow() -> None:
        for event in engine.train(folder):
            if isinstance(event, m.EpochEnded) and event.epoch == 1:
                kill()

    with pytest.raises(WorkbenchError) as told:
        follow()
    return told.value


def test_who_loses_its_engine_is_told_where_the_run_was(
    tmp_path: Path, scripted: tuple[headless_engine.Engine, ScriptedEngine]
) -> None:
    engine, behind = scripted
    folder = make_run(tmp_path, chain(("Dense", {"units": 1})), TrainSpec(epochs=9, batch_size=4), {"train": line()})
    told = lost(engine, folder, behind.die)
    assert told.where == "run 1, epoch 3, about batch 1"
    assert f"--resume --batch-size {32 // 2}" in told.remedy  # as the engine said


def test_a_run_that_had_ended_when_its_engine_died_is_not_to_be_resumed(
    tmp_path: Path, scripted: tuple[headless_engine.Engine, ScriptedEngine]
) -> None:
    engine, behind = scripted
    folder = make_run(tmp_path, chain(("Dense", {"units": 1})), TrainSpec(epochs=2, batch_size=4), {"train": line()})

    def dies_in_the_scores_of_the_test_part() -> None:
        runs.update_run(folder, state="finished")
        behind.die()

    told = lost(engine, folder, dies_in_the_scores_of_the_test_part)
    assert "had ended by then" in told.what
    assert "--resume" not in told.remedy
    assert f"workbench evaluate {tmp_path}" in told.remedy
