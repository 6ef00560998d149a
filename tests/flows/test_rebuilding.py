"""An autoencoder without a window: from a table to the rows that are unlike the rest, and to files that find them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core.runs import read_facts, read_project
from workbench.core.script import keras_script

from .conftest import Workbench, columns, only_run


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pipes: the weight follows the length, the price both. "label" is what other tasks would predict."""
    rng = np.random.default_rng(3)
    lines = ["length,weight,metal,label"]
    for i in range(240):
        length, metal = rng.uniform(1, 9), ("iron", "lead")[i % 2]
        weight = length * (3 if metal == "iron" else 5) + rng.normal(0, 0.1)
        lines.append(f"{length:.2f},{weight:.2f},{metal},{'good' if i % 3 else 'bad'}")
    path = tmp_path_factory.mktemp("pipes") / "pipes.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_rows_unlike_the_rest_are_found_by_a_run_and_by_its_files(
    workbench: Workbench, table: Path, tmp_path: Path
) -> None:
    project = tmp_path / "pipes"
    made = workbench("new", project, "--data", table, "--task", "reconstruction")
    assert 'model "autoencoder"' in made.out
    assert 'Left out, as what other tasks predict is not rebuilt: "label"' in made.err
    assert "rebuilds  its input" in workbench("info", project).out
    workbench("train", project, "--epochs", 80, "--batch-size", 16)
    scores = workbench("evaluate", project, "--json").object
    assert scores["baseline_metric"] == "mean_squared_error"
    assert scores["mean_squared_error"] < 0.5 * scores["baseline"]
    assert scores["median_error"] <= scores["error_95_percent"] <= scores["largest_error"]
    assert "(Always the mean row)" in workbench("evaluate", project).out

    new = tmp_path / "new.csv"
    new.write_text("length,weight,metal\n5,15,iron\n5,90,iron\n4,20,lead\n", "utf-8")
    told = columns(workbench("predict", project, "--data", new).out)
    assert list(told) == ["row", "error", "length (rebuilt)", "weight (rebuilt)", "metal (rebuilt)"]
    assert told["row"] == ["1", "2", "3"]  # as given
    errors = np.array(told["error"], float)
    assert errors.argmax() == 1
    assert told["metal (rebuilt)"][0] == "iron"
    assert abs(float(told["weight (rebuilt)"][0]) - 15) < 8

    file = tmp_path / "pipes.onnx"
    said = workbench("export", project, "--to", "onnx", "--out", file).out
    assert "error (how far off it is)" in said
    again = columns(workbench("predict", file, "--data", new).out)
    assert list(again) == list(told)
    assert np.allclose(np.array(again["error"], float), errors, rtol=1e-3)
    assert "mean squared error of the row" in workbench("info", file).out

    run = only_run(project)
    text = keras_script(read_project(run), read_facts(run))
    compile(text, "pipes.py", "exec")
    assert '        y = x["input"]\n' in text  # what goes in is what is to come out
    assert "errors = np.mean(np.square(wrong), axis=1)" in text


def test_a_template_says_the_task_and_what_cannot_be_rebuilt_is_refused(
    workbench: Workbench, table: Path, tmp_path: Path
) -> None:
    project = tmp_path / "named"
    workbench("new", project, "--data", table, "--template", "autoencoder", "--target", "metal")
    assert "rebuilds  its input" in workbench("info", project).out
    refused = workbench(
        "new", tmp_path / "other", "--data", table, "--task", "regression", "--template", "autoencoder", fails=True
    )
    assert refused.status == 2
    assert "task" in refused.err
    assert not (tmp_path / "other").exists()
    plain = tmp_path / "plain.csv"
    plain.write_text("a,b,c\n" + "".join(f"{i % 7},{i % 5},{i % 3}\n" for i in range(40)), "utf-8")
    workbench("new", tmp_path / "plain", "--data", plain, "--task", "reconstruction")
