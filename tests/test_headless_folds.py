"""A cross-validation in a shell: one that was broken off is finished, a fold that fails does not keep the others."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench import headless, headless_train
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts
from workbench.core.project import Features, Project, Split
from workbench.core.runs import Start, create_run, list_runs, update_run
from workbench.core.storage import ProjectFolder

ENGINE = SimpleNamespace(use_threads=lambda _threads: None)


class Trainer:
    """In place of the engine: `ends` says how a fold ends, "finished" where it says nothing."""

    def __init__(self, home: ProjectFolder, **ends: str) -> None:
        self.home, self.ends, self.notes = home, ends, []
        self.given = argparse.Namespace(
            project=str(home.path), name="", folds=0, start="", resume=False, json=False, batch_size=None, epochs=None
        )
        self.given.cluster = ""

    def begin(self, _engine, home, project, name="", _say=None, *, start=None, group="", fold=0, **_more):
        facts = DataFacts("table", (), None)
        return headless.Begun(create_run(home.runs, project, facts, {}, Path("/none"), name, start, group, fold))

    def train(self, _engine, begun, _given, _note):
        fold = int(begun.folder.name and headless_train.runs.read_run(begun.folder).fold)
        state = self.ends.get(f"fold{fold}", "finished")
        record = update_run(begun.folder, state=state, best_epoch=0, scores={"val_loss": float(fold)})
        if state == "failed":
            raise TrainError("The loss is no number.")
        return record

    def note(self, lines) -> None:
        self.notes += lines


@pytest.fixture
def home(tmp_path: Path) -> ProjectFolder:
    made = ProjectFolder(tmp_path / "project")
    made.save(Project(features=Features(split=Split())))
    return made


def trainer(monkeypatch: pytest.MonkeyPatch, home: ProjectFolder, **ends: str) -> Trainer:
    made = Trainer(home, **ends)
    monkeypatch.setattr(headless, "begin_run", made.begin)
    monkeypatch.setattr(headless_train, "_train", made.train)
    return made


def test_a_fold_that_fails_does_not_keep_the_others_and_is_trained_by_resume(
    home: ProjectFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = trainer(monkeypatch, home, fold2="failed")
    made.given.folds = 3
    with pytest.raises(TrainError, match="1 fold of 3 failed"):
        headless_train._folds(ENGINE, home, home.load(), made.given, None, made.note)
    assert capsys.readouterr().out.startswith("2 of 3 folds: loss 2.0 ± 1.4; 1 failed")
    made = trainer(monkeypatch, home)
    missing = headless_train._broken_off(home, "cross-validation")
    assert [w.name for w in missing] == ["cross-validation, fold 2 of 3"]
    headless_train._train_folds(ENGINE, home, None, missing, made.given, None, made.note)
    assert capsys.readouterr().out == "3 of 3 folds: loss 2.0 ± 1.0\n"
    assert headless_train._broken_off(home, "") == ()


def test_one_that_is_stopped_says_how_to_go_on_and_begins_with_the_same_weights(
    home: ProjectFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = create_run(home.runs, home.load(), DataFacts("table", (), None), {}, Path("/none"), "before")
    (other / "best.npz").write_bytes(b"weights")
    update_run(other, state="finished", best_epoch=0)
    made = trainer(monkeypatch, home, fold2="stopped")
    made.given.folds, made.given.start = 4, "before:best"
    headless_train._folds(ENGINE, home, home.load(), made.given, None, made.note)
    assert made.notes == ["stopped; 2 folds not trained: --resume goes on with what is missing."]
    (other / "best.npz").unlink()
    trainer(monkeypatch, home)
    missing = headless_train._broken_off(home, "")
    first = next(r for r in list_runs(home.runs) if r.fold == 1)
    as_it_began = Start(home.runs / first.id, "start")
    assert [(w.fold, w.start) for w in missing] == [(3, as_it_began), (4, as_it_began)]
    headless_train._train_folds(ENGINE, home, None, missing, replace_given(made.given), None, made.note)
    assert "4 of 4 folds" in capsys.readouterr().out
    folds = [r for r in list_runs(home.runs) if r.fold]
    assert {r.parent for r in folds} == {other.name}
    assert all((home.runs / r.id / "start.npz").read_bytes() == b"weights" for r in folds)


def replace_given(given: argparse.Namespace) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(given), "folds": 0, "start": "", "resume": True})


def test_what_is_left_over_is_none_where_a_split_was_made_by_hand(home: ProjectFolder) -> None:
    project = replace(home.load(), features=Features(split=None))
    create_run(home.runs, project, DataFacts("table", (), None), {}, Path("/none"), "x", None, "g", 1)
    assert headless_train._broken_off(home, "") == ()


def test_a_fold_that_goes_on_is_followed_by_the_missing_ones(
    home: ProjectFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = trainer(monkeypatch, home, fold2="stopped")
    made.given.folds = 3
    headless_train._folds(ENGINE, home, home.load(), made.given, None, made.note)
    second = next(r for r in list_runs(home.runs) if r.fold == 2)
    update_run(home.runs / second.id, state="running")  # the program was killed in it
    made = trainer(monkeypatch, home)
    begun = headless.Begun(home.runs / second.id, True, ("goes on",))
    missing = headless_train.crossval.left_over(second.group, home.runs, {second.fold})
    assert [w.fold for w in missing] == [3]
    headless_train._train_folds(ENGINE, home, begun, missing, replace_given(made.given), None, made.note)
    assert made.notes == ["goes on"]
    assert capsys.readouterr().out.splitlines()[-1].startswith("3 of 3 folds")
    assert len([r for r in list_runs(home.runs) if r.fold]) == 3
