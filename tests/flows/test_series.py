"""Series over time without a window: from files to a network that knows, is scored, answers and is exported."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.data.series import walk_and_rest
from workbench.core.storage import ProjectFolder

from .conftest import Workbench, columns

ARRAYS = """
import hashlib, sys
from pathlib import Path
from workbench.core.data import pipeline
from workbench.core.storage import ProjectFolder
home = ProjectFolder(Path(sys.argv[1]))
made = pipeline.materialise(pipeline.stage(home.load(), home=home), Path(sys.argv[2]))
for file in sorted(made.folder.glob("*.npy")):
    print(file.name, hashlib.blake2b(file.read_bytes()).hexdigest())
"""


def test_series_in_class_folders(workbench: Workbench, tmp_path: Path) -> None:
    data = walk_and_rest(tmp_path / "d", people=6, each=2)
    project = tmp_path / "p"
    made = workbench("new", project, "--data", data, "--window", 16, "--json").object
    assert (made["source"], made["template"]) == ("series", "conv1d")
    workbench("train", project, "--epochs", 5)
    scores = workbench("evaluate", project, "--json").object
    assert scores["accuracy"] >= 0.9
    assert scores["baseline"] <= 0.7
    one = data / "walk" / "rec0-p3.csv"
    said = workbench("predict", project, "--data", one)
    answers = columns(said.out)
    assert set(answers["vote"]) == {"walk"}
    assert "rec0-p3.csv: walk" in said.err
    scored = workbench("evaluate", project, "--data", data, "--json").object
    assert scored["rows"] > scores["rows"]


def test_a_long_table_is_forecast_by_a_recurrent_net(workbench: Workbench, tmp_path: Path) -> None:
    table = tmp_path / "tide.csv"
    table.write_text("time,level\n" + "".join(f"{t},{(t % 12 - 6) ** 2 + 100}\n" for t in range(600)))
    project = tmp_path / "p"
    made = workbench("new", project, "--data", table, "--as", "series", "--window", 14, "--template", "gru", "--json")
    assert made.object["source"] == "series_table"
    workbench("train", project, "--epochs", 12)
    scores = workbench("evaluate", project, "--json").object
    assert scores["mean_absolute_error"] < 0.5 * scores["baseline"]
    workbench("export", project, "--to", "litert", "--out", tmp_path / "m.tflite")
    assert "level" in workbench("info", tmp_path / "m.tflite").out
    assert workbench("info", tmp_path / "m.tflite", "--json").object["format"] == "litert"
    answers = columns(workbench("predict", project, "--data", table).out)
    exported = columns(workbench("predict", tmp_path / "m.tflite", "--data", table).out)
    assert len(answers["level"]) == 587, "the last window's answer is not in the table yet"
    assert [float(v) for v in exported["level"]] == pytest.approx([float(v) for v in answers["level"]], abs=1e-2)


@pytest.mark.slow
def test_wrist_accelerometer(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    """14 activities of 16 people; those in the test part were never met in training."""
    project = tmp_path / "p"
    workbench("new", project, "--data", real_data / "har-wrist-accelerometer")
    assert workbench("train", project, "--epochs", 2).status == 0
    scores = workbench("evaluate", project, "--json").object
    assert scores["baseline"] <= 0.4
    assert scores["accuracy"] >= 1.3 * scores["baseline"], "on people whose movements it has never seen"
    prepared = Path(next((project / "runs").iterdir()) / "run.json").read_text()
    here = {
        file.name: hashlib.blake2b(file.read_bytes()).hexdigest()
        for file in Path(json.loads(prepared)["prepared"]).glob("*.npy")
    }
    again = subprocess.run(
        [sys.executable, "-c", ARRAYS, str(project), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(line.split() for line in again.stdout.splitlines()) == here, "a new process makes them bit for bit"
    assert ProjectFolder(project).load().data is not None
