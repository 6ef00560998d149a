"""The runs page: the table, ticks, differences, renaming, restoring, deleting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from tests.ui.conftest import Answers
from workbench.core import edits
from workbench.core.facts import DataFacts
from workbench.core.history import History
from workbench.core.project import Augmentation, ColumnFeature, Features, Graph, Node, Project, Step, TrainSpec
from workbench.core.runs import RunRecord, Start, create_run, list_runs, read_run, update_run
from workbench.ui import theme
from workbench.ui.live_run import LiveRun
from workbench.ui.runs.differences import differences, told_apart
from workbench.ui.runs.table import COLUMNS
from workbench.ui.window import MainWindow


def test_folds_are_told_apart_by_what_differs_in_their_names() -> None:
    folds = [RunRecord(f"{n}", f"cross-validation 1, fold {n}", group="g", fold=n) for n in (1, 2)]
    assert told_apart(folds) == {"1": "fold 1", "2": "fold 2"}
    alone = RunRecord("3", "wide, first")
    assert told_apart([*folds, alone]) == {"1": "fold 1", "2": "fold 2", "3": "wide, first"}
    others = [replace(fold, id=f"b{fold.id}", name=fold.name.replace("1,", "2,"), group="h") for fold in folds]
    assert told_apart([folds[1], others[1]]) == {"2": "1 · fold 2", "b2": "2 · fold 2"}
    renamed = replace(others[1], name="other 1, fold 2")  # its last word is the same
    assert told_apart([folds[1], renamed])["2"] == folds[1].name
    assert told_apart([folds[0], replace(folds[1], name="the best")]) == {"1": "fold 1", "2": "the best"}
    assert told_apart([alone, RunRecord("4", "wide, second")])["3"] == "wide, first"


def add_run(window: MainWindow, name: str, losses: tuple[float, ...], train: TrainSpec, **changes) -> RunRecord:
    """A run on disk as the engine leaves it."""
    project = replace(window.session.project, train=train)
    folder = create_run(window.session.folder.runs, project, DataFacts("table", (), None), {}, Path("/none"), name)
    history = History()
    for loss in losses:
        history.epochs.append(
            {"loss": loss, "accuracy": 1 - loss / 2, "val_loss": loss * 1.1, "val_accuracy": 1 - loss}
        )
    history.save(folder / "history.npz")
    fields = {
        "state": "finished",
        "metrics": ("accuracy",),
        "epochs_done": len(losses),
        "best_epoch": len(losses) - 1,
        "scores": {"val_loss": losses[-1] * 1.1, "val_accuracy": 1 - losses[-1]},
        "seconds": 3.0,
        "parameters": 1234,
    }
    return update_run(folder, **{**fields, **changes})


@pytest.fixture
def three(qtbot, window: MainWindow) -> MainWindow:
    """A window on the runs page with three runs, the last of them interrupted."""
    add_run(window, "run 1", (0.9, 0.7, 0.5), TrainSpec(epochs=3))
    add_run(window, "run 2", (0.8, 0.4), TrainSpec(epochs=2, optimizer_params={"learning_rate": 0.01}))
    add_run(window, "run 3", (0.6,), TrainSpec(epochs=9), state="running", epochs=9)
    window.session.runner.refresh()
    qtbot.waitUntil(lambda: len(window.session.runs) == 3)
    window.show_page("runs")
    qtbot.waitUntil(lambda: not window.session.jobs.busy)
    return window


def page(window: MainWindow):
    return window.pages["runs"]


def cell(window: MainWindow, name: str, title: str) -> str:
    model = page(window).model
    row = next(i for i, r in enumerate(model.runs) if r.name == name)
    return model.index(row, [c.title for c in COLUMNS].index(title)).data()


def select(window: MainWindow, name: str) -> None:
    model = page(window).model
    page(window).table.selectRow(next(i for i, r in enumerate(model.runs) if r.name == name))


def test_without_runs_the_page_says_what_it_is_for(window: MainWindow) -> None:
    window.show_page("runs")
    assert page(window).stack.currentWidget() is page(window).empty


def test_each_run_is_a_row_with_its_scores(three: MainWindow) -> None:
    assert cell(three, "run 1", "State") == "finished"
    assert cell(three, "run 3", "State") == "interrupted"
    assert cell(three, "run 1", "Epochs") == "3/3, best 3"
    assert cell(three, "run 1", "Val. metric") == "50.0 %"
    assert cell(three, "run 1", "Parameters") == "1,234"
    assert [r.name for r in page(three).model.runs] == ["run 3", "run 2", "run 1"]
    place = [c.title for c in COLUMNS].index("Val. metric")
    tip = page(three).model.index(2, place).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "validation accuracy: 50.0 %"


def test_runs_sort_by_any_column(three: MainWindow) -> None:
    place = [c.title for c in COLUMNS].index("Val. loss")
    page(three).table.sortByColumn(place, Qt.SortOrder.AscendingOrder)
    assert [r.name for r in page(three).model.runs] == ["run 2", "run 1", "run 3"]


def test_ticked_runs_are_drawn_and_unticking_takes_them_away(qtbot, three: MainWindow) -> None:
    compare, model = page(three).compare, page(three).model
    assert [c.name for c in compare._curves] == ["run 3", "run 2", "run 1"]
    assert compare.lower.name == "accuracy"
    assert [n for n, _c, _y in compare.upper.shown] == ["run 3", "run 2", "run 1"]
    assert compare.legend.text() == "Thick: validation. Thin: training."
    assert not compare.legend.isHidden()
    index = model.index(2, 0)
    assert model.setData(index, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    qtbot.waitUntil(lambda: [c.name for c in compare._curves] == ["run 3", "run 2"])
    page(three).grab()


def test_curves_take_the_colours_of_another_theme(qapp, three: MainWindow) -> None:
    shown, model = page(three).compare, page(three).model
    was = theme.choice()
    try:
        for wanted in ("dark", "light"):
            theme.apply(qapp, wanted)
            assert [c.color for c in shown._curves] == [model.color(c.run) for c in shown._curves]
    finally:
        theme.apply(qapp, was)


def test_what_differs_is_listed(qtbot, three: MainWindow) -> None:
    def words() -> set[str]:
        return {label.text() for label in page(three).differences.findChildren(QLabel) if label.isVisible()}

    model = page(three).model
    qtbot.waitUntil(lambda: {"run 1", "run 2", "run 3", "epochs", "3", "2", "9", "learning rate", "0.01"} <= words())
    update_run(three.session.folder.runs / model.runs[0].id, remarks=("XLA cannot be used.",))
    three.session.runner.refresh()
    qtbot.waitUntil(lambda: f"{model.runs[0].name}: XLA cannot be used." in words())
    model.tick(model.runs[0].id, False)
    qtbot.waitUntil(lambda: {"epochs", "learning rate", "0.01"} <= words() and "run 3" not in words())
    model.tick(model.runs[1].id, False)
    qtbot.waitUntil(lambda: "Tick two runs or more to see what differs between them." in words())


def test_of_many_ticked_runs_it_is_said_which_are_compared(qtbot, three: MainWindow) -> None:
    for number in (4, 5):
        add_run(three, f"run {number}", (0.5,), TrainSpec(epochs=number))
    three.session.runner.refresh()
    said = "Of 5 ticked runs, the first 4 of the table."
    qtbot.waitUntil(lambda: said in [one.text() for one in page(three).differences.findChildren(QLabel)])


def test_a_run_is_renamed_in_the_table(qtbot, three: MainWindow) -> None:
    select(three, "run 2")
    QTest.mouseClick(page(three).rename, Qt.MouseButton.LeftButton)
    editor = page(three).table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "the good one")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(r.name == "the good one" for r in three.session.runs))


def test_several_runs_renamed_at_once_all_keep_their_names(qtbot, three: MainWindow) -> None:
    model = page(three).model
    one, two = (model.index(i, [c.title for c in COLUMNS].index("Run")) for i in (0, 1))
    assert model.setData(one, "first")
    assert model.setData(two, "second")
    assert model.setData(one, "first again")  # while the first is still being written
    ids = [r.id for r in model.runs[:2]]

    def names() -> list[str]:
        return [r.name for r in three.session.runs if r.id in ids]

    qtbot.waitUntil(lambda: sorted(names()) == ["first again", "second"], timeout=30_000)
    qtbot.waitUntil(lambda: not three.session.jobs.busy, timeout=30_000)
    assert sorted(r.name for r in list_runs(three.session.folder.runs)) == ["first again", "run 1", "second"]


def test_settings_come_back_as_one_step(qtbot, three: MainWindow) -> None:
    three.session.apply(edits.set_train(epochs=500), "Epochs")
    select(three, "run 2")
    QTest.mouseClick(page(three).restore, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: three.session.project.train.epochs == 2)
    assert three.session.project.train.optimizer_params == {"learning_rate": 0.01}
    three.session.undo()
    assert three.session.project.train.epochs == 500


def test_deleting_asks_first_and_is_for_good(qtbot, three: MainWindow, answers: Answers) -> None:
    select(three, "run 1")
    folder = three.session.folder.runs / page(three).selected().id
    answers.sure = False
    QTest.mouseClick(page(three).delete, Qt.MouseButton.LeftButton)
    assert folder.exists()
    answers.sure = True
    page(three).table.setFocus()
    QTest.keyClick(page(three).table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not folder.exists())
    qtbot.waitUntil(lambda: len(page(three).model.runs) == 2)


def test_an_interrupted_run_is_resumed_from_here(qtbot, three: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.core.data.pipeline.restore", lambda *_: None)  # no run here has arrays
    three.session.start_engine()
    qtbot.waitUntil(lambda: three.session.engine.state == "ready")
    select(three, "run 1")
    assert not page(three).resume.isVisible()
    select(three, "run 3")
    assert page(three).resume.isVisible()
    page(three)._resume()
    qtbot.waitUntil(lambda: three.session.run is not None and three.session.run.state == "finished", timeout=10_000)
    assert read_run(three.session.run.folder).epochs_done == 3


def test_differences_cover_every_part() -> None:
    dense = Node("1", "Dense", "dense", {"units": 8}, x=1)
    a = Project(recipe=(Step("s", "drop_missing"),), graph=Graph((dense,)))
    b = replace(
        a,
        recipe=(),
        graph=Graph((replace(dense, params={"units": 16}, x=99), Node("2", "Dropout", "dropout"))),
        train=TrainSpec(batch_size=6400),
    )
    found = {(d.part, d.what): d.values for d in differences((a, b))}
    assert found == {
        ("Training", "batch size"): ("32", "6,400"),
        ("Model", "dense: units"): ("8", "16"),
        ("Model", "dropout"): ("–", "Dropout"),
        ("Cleaning", "drop missing"): ("yes", "–"),
    }
    assert differences((a, replace(a, graph=Graph((replace(dense, x=50),))))) == ()
    wide, none = replace(a, graph=Graph((replace(dense, params={"units": 9}),))), replace(a, graph=Graph())
    found = {d.what: d.values for d in differences((a, none, wide))}
    assert found == {"dense": ("Dense", "–", "Dense"), "dense: units": ("8", "–", "9")}
    faster = replace(a, train=TrainSpec(optimizer_params={"learning_rate": 0.01}))
    (changed,) = differences((a, faster))
    assert changed.values == ("0.001", "0.01")  # what Adam has by itself
    slower = (4, "Learning rate 0.01 → 0.001")
    (changed,) = differences((a, a), ((slower,), ()))
    assert (changed.part, changed.what) == ("While it trained", "at step 4")
    assert changed.values == ("Learning rate 0.01 → 0.001", "–")
    assert differences((a, a), ((slower,), (slower,))) == ()
    mean, median = (Features(columns=(ColumnFeature("age", params={"fill": way}),)) for way in ("mean", "median"))
    varied = replace(median, augment=Augmentation(True, rotate=10.0), balance="weights")
    found = {d.what: d.values for d in differences((replace(a, features=mean), replace(a, features=varied)))}
    assert found["age"] == ("input, standard, fill mean", "input, standard, fill median")
    assert found["pictures varied: rotate"] == ("0", "10")
    assert found["balance"] == ("none", "weights")


def test_the_run_that_trains_is_shown_as_it_is_now_and_nothing_is_rebuilt_for_each_epoch(
    qtbot, three: MainWindow
) -> None:
    runner = three.session.runner
    record = three.session.runs[-1]
    # as the engine leaves it before the first checkpoint
    record = update_run(three.session.folder.runs / record.id, state="created", epochs_done=0, best_epoch=-1)
    runner.refresh()
    qtbot.waitUntil(lambda: three.session.runs[-1].state == "created")
    run = LiveRun(three.session.folder.runs / record.id, record, state="running")
    runner.run = run
    runner.run_changed.emit()
    qtbot.waitUntil(lambda: cell(three, "run 3", "State") == "running")
    (differs,) = [one for one in page(three).differences.findChildren(QLabel) if one.text() == "What differs"]
    for epoch in range(5):
        run.history.epochs.append({"loss": 1.0 / (epoch + 1)})
        runner.run_epoch.emit(None)
    qtbot.waitUntil(lambda: cell(three, "run 3", "Epochs").startswith("5/9"))
    assert differs in page(three).differences.findChildren(QLabel)
    run.state = "paused"
    runner.run_changed.emit()
    qtbot.waitUntil(lambda: cell(three, "run 3", "State") == "paused")
    runner.run = None
    runner.run_changed.emit()


def test_a_run_is_trained_on_or_begun_with_from_here(qtbot, three: MainWindow, monkeypatch) -> None:
    asked: list[dict] = []
    monkeypatch.setattr(type(three.session), "train", lambda _self, **given: asked.append(given) or True)
    select(three, "run 1")
    go_on = page(three).go_on
    assert go_on.on.isVisible()
    go_on.on.menu().aboutToShow.emit()
    assert [a.text() for a in go_on.on.menu().actions()] == [
        "For 3 more epochs",
        "For 10 more epochs",
        "For 100 more epochs",
    ]
    go_on.on.menu().actions()[1].trigger()
    run = next(r for r in three.session.runs if r.name == "run 1")
    assert asked[-1] == {"resume": run.id, "epochs": 13}
    go_on.fork.menu().aboutToShow.emit()
    assert [a.text() for a in go_on.fork.menu().actions()] == [
        "Its best weights (epoch 3)",
        "Its last weights (epoch 3)",
    ]
    go_on.fork.menu().actions()[1].trigger()
    assert asked[-1]["start"] == Start(three.session.folder.runs / run.id, "last")
    select(three, "run 3")  # interrupted: it is resumed, not trained on
    assert not go_on.on.isVisible()
