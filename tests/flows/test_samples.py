"""Every sample from its name to scores, with what is proposed and nothing else, by the commands a person types."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Workbench, columns

pytestmark = pytest.mark.slow


def test_two_x_minus_one(workbench: Workbench, tmp_path: Path) -> None:
    project, ten = tmp_path / "line", tmp_path / "ten.csv"
    ten.write_text("x\n10\n")
    workbench("new", project, "--data", "line")

    lines = workbench("train", project, "--json").objects

    assert [line["epoch"] for line in lines[:-1]] == list(range(1, 501))
    assert set(lines[0]) >= {"event", "epoch", "loss"}
    assert lines[0]["event"] == "epoch"
    assert lines[-1]["event"] == "done"
    assert Path(lines[-1]["folder"]).is_dir()
    assert 18.9 < float(columns(workbench("predict", project, "--data", ten).out)["y"][0]) < 19.1

    workbench("export", project, "--to", "onnx", "--out", tmp_path / "line.onnx")
    exported = columns(workbench("predict", tmp_path / "line.onnx", "--data", ten).out)
    assert 18.9 < float(exported["y"][0]) < 19.1


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("digits", 0.97),
        ("iris", 0.90),
        ("wine", 0.88),
        ("breast_cancer", 0.93),
        ("gauss", 0.98),
        ("circle", 0.98),
        ("xor", 0.97),
        ("spiral", 0.97),
    ],
)
def test_a_sample_is_told_apart(workbench: Workbench, tmp_path: Path, name: str, least: float) -> None:
    workbench("new", tmp_path / name, "--data", name)
    workbench("train", tmp_path / name)
    scores = workbench("evaluate", tmp_path / name, "--json").object
    assert scores["accuracy"] >= least
    assert scores["baseline"] < 0.7
    assert scores["part"] == "test"
    assert set(scores) >= {"loss", "accuracy", "baseline", "rows"}


def test_a_number_is_scored_in_its_own_units(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "diabetes")
    workbench("train", tmp_path / "p")
    scores = workbench("evaluate", tmp_path / "p", "--json").object
    assert 30 < scores["mean_absolute_error"] < 50, "progression is a figure from 25 to 346"
    assert scores["mean_absolute_error"] < 0.85 * scores["baseline"]
    assert scores["r2_score"] > 0.3
    assert scores["model_units"]["mean_absolute_error"] < 1
