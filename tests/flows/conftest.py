"""One engine process for all journeys without a window: its start costs more than most of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench import cli, headless, headless_engine


@pytest.fixture(scope="package")
def engine() -> Iterator[headless.Engine]:
    """The real engine in its own process, started by the first test that asks for it and gone with the last journey."""
    with headless.Engine() as engine:
        yield engine


@pytest.fixture(autouse=True)
def _seldom(let_go_seldom: None) -> None:
    """For windows whose engine is in this process."""


@dataclass(frozen=True)
class Said:
    """What a command gave back."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Its lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        """Its last line of JSON."""
        return self.objects[-1]


Workbench = Callable[..., Said]


@pytest.fixture
def workbench(
    engine: headless.Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Workbench:
    """`workbench(*words)` is the command typed by a person; the engine is the one of all journeys."""
    monkeypatch.setattr(headless_engine, "started", lambda: contextlib.nullcontext(engine))

    def run(*words: object, fails: bool = False) -> Said:
        capsys.readouterr()
        try:
            status = cli.main([str(word) for word in words], demo=lambda out: 0)
        except SystemExit as ended:
            status = int(str(ended.code))
        out, err = capsys.readouterr()
        if not fails:
            assert status == 0, err
        return Said(status, out, err)

    return run


def columns(text: str) -> dict[str, list[str]]:
    """CSV as printed by `predict`."""
    import csv
    import io

    rows = list(csv.reader(io.StringIO(text)))
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def only_run(project: Path) -> Path:
    """The folder of the one run there is."""
    (run,) = sorted((project / "runs").iterdir())
    return run
