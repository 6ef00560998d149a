"""What `info` and `check` tell of runs, exported files and this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Workbench

pytestmark = pytest.mark.slow


def test_info_of_runs_and_of_exported_files(workbench: Workbench, tmp_path: Path) -> None:
    project = tmp_path / "p"
    workbench("new", project, "--data", "iris")
    workbench("train", project, "--epochs", 3, "--name", "first")
    assert "first" in workbench("info", project).out
    assert workbench("info", project, "--json").object["runs"][0]["state"] == "finished"
    file = tmp_path / "m.onnx"
    workbench("export", project, "--to", "onnx", "--out", file)
    said = workbench("info", file).out
    assert "sepal length (cm) (float32" in said
    assert "species: one probability a class" in said
    assert "versicolor" in said
    assert workbench("info", file, "--json").object["format"] == "onnx"
    Path(f"{file}.json").unlink()
    assert "answers" in workbench("info", file).out


def test_a_file_that_is_no_model(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"PK\x03\x04 not an archive")
    (tmp_path / "m.onnx").write_bytes(b"no")
    for name in ("m.keras", "m.onnx", "nowhere.tflite"):
        said = workbench("info", tmp_path / name, fails=True)
        assert said.status == 2
        assert len(said.err.splitlines()) == 1
        assert name in said.err


def test_check_says_what_works(workbench: Workbench) -> None:
    found = workbench("check", "--json").object
    assert found["devices"][0]["name"] == "cpu"
    assert found["window"] == "works"
    said = workbench("check").out
    assert "tensorflow" in said
    assert "cpu: CPU" in said
