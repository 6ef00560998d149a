"""Asking a run of series: windows of a file, the vote, what is shown and saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.core.data.series import walk_and_rest
from workbench.core.data import pipeline
from workbench.core.data.prepared import Prepared
from workbench.core.errors import DataError, FeatureError
from workbench.core.project import DataSpec, Features, Project, SequenceFeature
from workbench.ui.test.file_tab import AnswersView, vote_title
from workbench.ui.test.predictions import Predictions, predictions, read_batch, write_csv


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Project, Prepared]:
    folder = walk_and_rest(tmp_path / "moves")
    project = Project(
        data=pipeline.find_source(str(folder)), features=Features(sequence=SequenceFeature(length=20, stride=10))
    )
    staged = pipeline.stage(project)
    return staged.project, pipeline.materialise(staged, tmp_path / "cache")


def answered(trained: tuple[Project, Prepared], path: Path) -> Predictions:
    """As if the model said "walk" three times in four."""
    project, prepared = trained
    batch = read_batch(path, project, prepared.preprocessor)
    walks = np.where(np.arange(len(batch)) % 4 == 3, 0.2, 0.9)[:, None].astype(np.float32)
    return predictions(prepared.preprocessor, batch, walks, np.asarray(prepared.part("train").y))


def test_one_file_is_answered_window_by_window_and_votes(trained: tuple[Project, Prepared], tmp_path: Path) -> None:
    found = answered(trained, tmp_path / "moves" / "walk" / "rec0-p2.csv")
    assert len(found.batch) == 7
    assert found.results is None, "a lone file does not tell its class"
    assert found.header() == ("class", "probability", "vote of its series", "series", "first step", "last step")
    assert found.row(3)[0] == "rest"
    assert found.row(3)[2:] == ["walk", "rec0-p2.csv", 30, 49]
    title = vote_title(found.batch, found.votes, "class", True)
    assert title.startswith("walk, say 6 of 7 windows")
    write_csv(found, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "window,class,probability,vote of its series,series,first step,last step"
    assert len(lines) == 8


def test_a_folder_of_classes_is_scored(trained: tuple[Project, Prepared], tmp_path: Path, qtbot: object) -> None:
    found = answered(trained, tmp_path / "moves")
    assert found.results is not None
    assert len(found.votes) == 24
    assert "24 series" in vote_title(found.batch, found.votes, "class", True)
    view = AnswersView()
    qtbot.addWidget(view)  # type: ignore[attr-defined]
    view.show_predictions(found)
    assert view.model.columnCount() == len(found.header())
    assert view.model.data(view.model.index(0, 3)) == "walk"


def test_a_forecast_tells_what_comes_after_the_end(tmp_path: Path) -> None:
    table = tmp_path / "tide.csv"
    table.write_text("time,level\n" + "".join(f"{t},{t % 9}\n" for t in range(101)))
    spec = DataSpec("series_table", str(table))
    sequence = SequenceFeature(length=8, stride=4, predict="column", target="level", horizon=1)
    staged = pipeline.stage(Project(data=spec, features=Features(sequence=sequence)))
    prepared = pipeline.materialise(staged, tmp_path / "cache")
    batch = read_batch(table, staged.project, prepared.preprocessor)
    assert batch.cells[2][-1] == 100, "the last window ends with the last step, whatever the stride"
    found = predictions(prepared.preprocessor, batch, np.zeros((len(batch), 1), np.float32), None)
    assert found.results is not None, "all but the last are scored"
    assert len(found.results.truth) == len(batch) - 1
    assert found.row(len(batch) - 1)[1] == ""
    mean = prepared.facts.target.offset  # type: ignore[union-attr]
    assert vote_title(batch, found.votes, "level", False) == f"level {mean:.4g}, 1 step after the end of tide.csv"


def test_what_does_not_fit_is_said(trained: tuple[Project, Prepared], tmp_path: Path) -> None:
    project, prepared = trained
    other = tmp_path / "other.csv"
    other.write_text("u,v\n" + "1,2\n" * 30)
    with pytest.raises(FeatureError, match='lack 2 channels of the model: "x", "y"'):
        read_batch(other, project, prepared.preprocessor)
    other.write_text("\n".join(f"{t % 5} {t % 3}" for t in range(30)))
    with pytest.raises(FeatureError, match="lack 2 channels"):
        read_batch(other, project, prepared.preprocessor)
    other.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(DataError):
        read_batch(other, project, prepared.preprocessor)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no series"):
        read_batch(tmp_path / "empty", project, prepared.preprocessor)
