"""One network for two questions, without a window: from a table to scores, answers and files of both."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from .conftest import Workbench, columns, only_run

HEATS = ("gas", "oil", "wood")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flats: the rent follows the rooms, the heating the age. A target is called like the column of row numbers."""
    rng = np.random.default_rng(4)
    path = tmp_path_factory.mktemp("flats") / "flats.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["rooms", "age", "heated by", "row"])
        for i in range(240):
            rooms, age = float(rng.integers(10, 70)) / 10, int(rng.integers(0, 90))
            rent = "" if i == 7 else f"{200 + 120 * rooms + rng.normal(0, 8):.1f}"
            out.writerow([rooms, age, HEATS[min(age // 30, 2)], rent])
    return path


def test_two_targets_from_a_table_to_answers(workbench: Workbench, table: Path, tmp_path: Path) -> None:
    project = tmp_path / "flats"
    workbench("new", project, "--data", table, "--target", "heated by")
    added = workbench("source", project, "--add-target", "row")
    assert "Predicts heated by, row." in added.out
    assert 'an Output for "row"' in added.err
    assert "predicts  heated by, row" in workbench("info", project).out
    told = workbench("train", project, "--epochs", 60, "--batch-size", 16)
    assert "accuracy of heated by" in told.out
    assert "heated_by_loss" not in told.out  # beside the loss of both, its parts are noise for people
    scores = workbench("evaluate", project, "--json").object
    assert set(scores["targets"]) == {"heated by", "row"}
    heat, rent = scores["targets"]["heated by"], scores["targets"]["row"]
    assert heat["accuracy"] > 0.8 > heat["baseline"]
    assert heat["baseline_metric"] == "accuracy"
    assert rent["mean_absolute_error"] < 0.4 * rent["baseline"]  # both in the units of the rent
    assert scores["row_mean_absolute_error"] == rent["mean_absolute_error"]
    assert scores["loss"] == pytest.approx(scores["heated_by_loss"] + scores["row_loss"], rel=1e-3)
    said = workbench("evaluate", project).out
    assert said.index("of all targets together") < said.index("heated by\n") < said.index("row\n")

    lacking = tmp_path / "lacking.csv"
    lacking.write_text("\n".join(line.rpartition(",")[0] for line in table.read_text("utf-8").splitlines()), "utf-8")
    known = workbench("evaluate", project, "--data", lacking, "--json")
    assert '"row" is not in the data and is not scored' in known.err
    assert set(known.object["targets"]) == {"heated by"}
    assert known.object["targets"]["heated by"]["accuracy"] > 0.8
    assert known.object["baseline_metric"] == "accuracy"
    assert not {"loss", "row_loss"} & set(known.object)  # the loss of both would need both

    new = tmp_path / "new.csv"
    new.write_text("rooms,age\n3.5,10\n6,80\n", "utf-8")
    answers = columns(workbench("predict", project, "--data", new).out)
    names = ["row", "heated by", "heated by: probability", *(f"heated by: p({h})" for h in HEATS), "row (2)"]
    assert list(answers) == names
    assert answers["heated by"] == ["gas", "wood"]
    rents = np.array(answers["row (2)"], float)
    assert np.allclose(rents, [620, 920], atol=90)

    file = tmp_path / "flats.onnx"
    workbench("export", project, "--to", "onnx", "--out", file)
    again = columns(workbench("predict", file, "--data", new).out)
    assert again["heated by"] == answers["heated by"]
    assert np.allclose(np.array(again["row (2)"], float), rents, rtol=1e-4)
    described = workbench("info", file).out
    assert (
        "answer_heated_by = heated by: one probability a class, in the order of classes (gas, oil, wood)" in described
    )
    assert "answer_row = row: row, in its own units" in described
    assert (only_run(project) / "facts.json").is_file()


def test_targets_that_cannot_be_are_refused_in_words(workbench: Workbench, table: Path, tmp_path: Path) -> None:
    said = workbench("new", tmp_path / "a", "--data", table, "--target", "row", "--target", "Rooms", fails=True)
    assert said.status == 2
    assert 'Did you mean "rooms"?' in said.err
    assert "predicts  row, rooms" in _with_two(workbench, table, tmp_path / "c")
    for name, why in (("Rooms", 'Did you mean "rooms"?'), ("row", "is a target already")):
        said = workbench("source", tmp_path / "c", "--add-target", name, fails=True)
        assert why in said.err
    said = workbench("new", tmp_path / "b", "--data", table, "--target", "row", "--weight", "row", fails=True)
    assert "cannot be both" in said.err
    assert not (tmp_path / "a").exists()


def _with_two(workbench: Workbench, table: Path, project: Path) -> str:
    workbench("new", project, "--data", table, "--target", "row", "--target", "rooms")
    return workbench("info", project).out
