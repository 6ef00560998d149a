"""`workbench new --model`: somebody else's model on one's own data, without a window, with the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.importing.test_network import GIVEN, layer, sequential
from workbench import headless_engine
from workbench.cli import main
from workbench.core.storage import ProjectFolder
from workbench.engine.main import in_process_transport
from workbench.link.client import EngineClient


def no_demo(out: Path) -> int:
    return 1


@pytest.fixture(autouse=True)
def _engine_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command has its engine on threads of this process: a process for each would take most of the time."""

    def started() -> headless_engine.Engine:
        made = headless_engine.Engine()
        made.client = EngineClient(in_process_transport)
        return made

    monkeypatch.setattr(headless_engine, "started", started)


def test_a_model_file_becomes_the_projects_model_and_is_made_to_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = tmp_path / "theirs.json"
    last = layer("Dense", "answer", units=7, activation="softmax")
    model.write_text(json.dumps(sequential(GIVEN, layer("Dense", "hidden", units=5, activation="relu"), last)))
    assert main(["new", str(tmp_path / "p"), "--data", "iris", "--model", str(model), "--json"], no_demo) == 0
    said = json.loads(capsys.readouterr().out)
    assert "theirs.json" in said["model"]
    assert any("Done:" in note for note in said["notes"])
    graph = ProjectFolder(tmp_path / "p").load().graph
    units = [n.params["units"] for n in graph.nodes if n.kind == "Dense"]
    assert units == [5, 3]
    bad = tmp_path / "bad.keras"
    bad.write_bytes(b"PK nothing of the kind")
    assert main(["new", str(tmp_path / "q"), "--data", "iris", "--model", str(bad)], no_demo) == 2
    assert "bad.keras" in capsys.readouterr().err
    assert not (tmp_path / "q").exists()
    assert main(["new", str(tmp_path / "q"), "--data", "iris", "--weights", "x.h5"], no_demo) == 2
    assert not (tmp_path / "q").exists()
