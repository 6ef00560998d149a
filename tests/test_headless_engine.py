"""Every command gets its engine at one place, so that another can be put there for all of them at once."""

from __future__ import annotations

import ast
import contextlib
from pathlib import Path

import pytest

from workbench import cli, headless_engine
from workbench.core.errors import WorkbenchError

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
