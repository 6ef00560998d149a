"""The session: from opening data to a trained run and back from disk, with an engine that is scripted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLineEdit

from tests.ui.engine import ScriptedEngine
from workbench.core import edits
from workbench.core.document import Change
from workbench.core.edits_weights import bring_in
from workbench.core.errors import ProjectError, TrainError
from workbench.core.facts import Problem
from workbench.core.project import DataSpec, Graph, ImageFeature, Node, Wire
from workbench.core.runs import read_run, update_run
from workbench.core.settings import drafts_folder
from workbench.core.storage import ProjectFolder
from workbench.link.messages import CheckGraph, Failed, Predict, Predicted, Train
from workbench.ui import beginning, bridge
from workbench.ui.live_run import LiveRun
from workbench.ui.notices import Notice
from workbench.ui.session import Session

TABLE = "x,kind\n" + "".join(f"{i},{'a' if i % 2 else 'b'}\n" for i in range(60))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "kinds.csv"
    path.write_text(TABLE)
    return path


def ready(qtbot, session: Session) -> None:
    qtbot.waitUntil(lambda: session.resolved.can_train, timeout=20_000)


def opened(qtbot, session: Session, table: Path) -> None:
    session.start_engine()
    session.open_path(table)
    ready(qtbot, session)


def in_the_middle(qtbot, session: Session, table: Path, engine: ScriptedEngine) -> None:
    """A run trains, and does not end by itself."""
    engine.finishes = False
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "running" and session.run.step == 4)


def test_opening_a_table_leads_to_a_model_ready_to_train(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    assert session.project.name == "kinds"
    assert session.facts is not None
    assert session.facts.target.name == "kind"
    assert session.project.graph.nodes[0].kind == "Input"
    assert session.graph_facts.ready
    assert session.project.data.fingerprint
    assert session.resolved.pages["data"].state == "done"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/d/titanic/train.csv", "titanic"),
        ("/d/flats list.xlsx", "flats list"),
        ("/d/sales.csv.gz", "sales"),
        ("/d/v1.2 flowers", "v1.2 flowers"),
        ("train.csv", "train"),
    ],
)
def test_a_project_is_named_after_what_its_data_is_about(session: Session, path: str, name: str) -> None:
    session.open_data(DataSpec("csv", path))
    assert session.project.name == name


def test_data_opened_after_a_model_goes_into_that_model(qtbot, session: Session, table: Path) -> None:
    """A model file first, its data second: nothing of the model is lost, in the same project."""
    model = Graph(
        nodes=(Node("i", "Input", "x"), Node("d", "Dense", "mine", {"units": 2}), Node("o", "Output", "y")),
        wires=(Wire("i", "d"), Wire("d", "o")),
    )
    session.apply(bring_in(model, "mine"), "Open mine.keras")
    folder = session.folder.path
    session.open_path(table)
    qtbot.waitUntil(lambda: session.facts is not None, timeout=20_000)
    assert [n.name for n in session.project.graph.nodes] == ["x", "mine", "y"]
    assert session.project.name == "mine"
    assert session.folder.path == folder
    session.undo()
    assert session.project.data is None
    assert session.project.graph.nodes


def test_a_model_opened_without_data_is_checked_though_it_brings_other_features(
    qtbot, session: Session, engine: ScriptedEngine
) -> None:
    session.start_engine()
    for name, size in (("x", 0), ("y", 28)):
        graph = Graph(nodes=(Node("i", "Input", name), Node("o", "Output", "o")), wires=(Wire("i", "o"),))
        features = replace(session.project.features, image=ImageFeature(height=size, width=size))
        new = replace(session.project, graph=graph, features=features)
        session.apply(lambda _, new=new: new, f"Open {name}.keras")
        qtbot.waitUntil(lambda graph=graph: any(asked.graph == graph for asked in engine.of(CheckGraph)))


def test_the_proposed_model_belongs_to_opening(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    assert session.document.undo_label == "Open kinds"
    session.undo()
    assert session.project.data is None
    assert not session.project.graph.nodes
    assert session.resolved.pages["data"].state == "empty"
    session.redo()
    ready(qtbot, session)
    assert session.project.graph.nodes


def test_an_untouched_template_follows_the_target(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    assert session.facts.target.task == "classification"
    before = session.project.graph
    session.apply(edits.set_target("x", session.features.columns), "Predict x")
    qtbot.waitUntil(lambda: session.facts is not None and session.facts.target.name == "x")
    qtbot.waitUntil(lambda: session.project.graph is not before)
    session.undo()
    assert session.project.graph == before


def test_a_changed_model_is_left_alone(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    node = next(n for n in session.project.graph.nodes if n.kind == "Dense")
    changed = replace(
        session.project.graph,
        nodes=tuple(replace(n, params={"units": 99}) if n.id == node.id else n for n in session.project.graph.nodes),
    )
    session.apply(lambda p: replace(p, graph=changed), "Change it")
    session.apply(edits.set_target("x", session.features.columns), "Predict x")
    qtbot.waitUntil(lambda: session.facts is not None and session.facts.target.name == "x")
    assert session.project.graph == changed


def test_a_canvas_emptied_by_the_person_stays_empty(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    session.apply(lambda p: replace(p, graph=Graph()), "Delete everything")
    session.apply(edits.set_target("x", session.features.columns), "Predict x")
    qtbot.waitUntil(lambda: session.facts is not None and session.facts.target.name == "x")
    assert not session.project.graph.nodes


def test_quick_edits_ask_the_engine_once_about_the_newest(
    qtbot, session: Session, table: Path, engine: ScriptedEngine
) -> None:
    opened(qtbot, session, table)
    asked = len(engine.of(CheckGraph))
    for epochs in range(2, 12):
        session.apply(edits.set_train(epochs=epochs), "Epochs", "epochs")
    with qtbot.waitSignal(session.graph_checked):
        pass
    later = engine.of(CheckGraph)[asked:]
    assert len(later) == 1
    assert later[0].train.epochs == 11


def test_training_keeps_a_run_with_its_curves(qtbot, session: Session, table: Path, notices: list[Notice]) -> None:
    opened(qtbot, session, table)
    epochs: list[object] = []
    session.run_epoch.connect(epochs.append)
    assert session.train(name="first try")
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "finished" and bool(session.runs))
    run = session.run
    assert [r.name for r in session.runs] == ["first try"]
    assert len(epochs) == 2
    assert list(run.history.batches["loss"]) == pytest.approx([1.1, 1.0, 0.55, 0.5])
    assert run.history.epochs.names[:2] == ("loss", "mae")
    assert (run.folder / "preprocessor.json").is_file()
    qtbot.waitUntil(lambda: session.resolved.pages["test"].state == "ready")
    assert any(n.severity == "good" and "first try" in n.text for n in notices)


def test_pause_and_stop_reach_the_engine(qtbot, session: Session, table: Path, engine: ScriptedEngine) -> None:
    in_the_middle(qtbot, session, table, engine)
    assert session.resolved.pages["train"].state == "running"
    assert not session.train()
    session.pause()
    qtbot.waitUntil(lambda: session.run.state == "paused")
    session.resume()
    qtbot.waitUntil(lambda: session.run.state == "running")
    session.stop()
    qtbot.waitUntil(lambda: session.run.state == "stopped")
    qtbot.waitUntil(lambda: bool(session.runs) and session.runs[-1].state == "stopped")
    assert session.runs[-1].usable


def test_the_death_of_the_engine_is_told_with_what_was_lost_and_resumed(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    engine.finishes = False
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.step == 4)
    engine.die()
    qtbot.waitUntil(lambda: session.run.state == "interrupted", timeout=10_000)
    qtbot.waitUntil(lambda: any("interrupted" in n.text for n in notices))
    notice = next(n for n in notices if "interrupted" in n.text)
    assert "memory" in notice.text
    assert "in epoch 3, about batch 1" in notice.text
    assert "Its checkpoint is of epoch 2" in notice.text
    qtbot.waitUntil(lambda: session.engine.state == "ready", timeout=10_000)
    qtbot.waitUntil(lambda: bool(session.runs) and session.runs[-1].interrupted)
    engine.finishes = True
    notice.actions[0][1]()
    qtbot.waitUntil(lambda: session.run.state == "finished", timeout=10_000)
    assert engine.of(Train)[-1].resume
    assert len(session.run.history.epochs) == 4
    assert list(session.run.history.epochs["loss"]) == pytest.approx([1, 0.5, 1 / 3, 0.25])


def test_an_engine_that_hangs_is_ended_by_hand_and_the_run_goes_on(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    engine.finishes = False
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.step == 4)
    session.client._heard_at -= bridge.SILENT_S
    for _ in range(2):
        session.client._listen()
    assert session.engine.silent
    session.kill_engine()
    qtbot.waitUntil(lambda: session.run.state == "interrupted")
    qtbot.waitUntil(lambda: any("ended by hand" in n.text and n.actions for n in notices))
    qtbot.waitUntil(lambda: session.engine.state == "ready" and not session.engine.silent)
    # also when it is ended again before the run has begun anew: what could be resumed still can be
    engine.deaf = True
    session.train(resume=session.runs[-1].id)
    qtbot.waitUntil(lambda: session.run.resumed and bool(engine.of(Train)) and engine.of(Train)[-1].resume)
    session.kill_engine()
    qtbot.waitUntil(lambda: session.run.state == "interrupted")
    assert read_run(session.run.folder).interrupted


def test_a_run_that_cannot_be_resumed_stays_what_it_was(
    qtbot, session: Session, table: Path, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "finished")
    shown = session.run
    qtbot.waitUntil(lambda: shown.record.state == "finished")

    def unreadable(_folder: Path) -> None:
        raise TrainError("The run cannot be read (permission denied).")

    with monkeypatch.context() as patched:  # its folder
        patched.setattr(beginning, "check_free", unreadable)
        session.runner.beginning.resume(shown.folder, 9)
        qtbot.waitUntil(lambda: any("permission denied" in n.text for n in notices))
    assert session.run is shown
    assert shown.state == "finished"
    damaged = Failed("The saved state of the run is damaged.", remedy="Choose another checkpoint.")
    for state, shows in (("finished", "finished"), ("paused", "interrupted")):  # what the engine finds there
        again = LiveRun(shown.folder, replace(shown.record, state=state), state="tracing", resumed=True)
        session.runner.show(again)
        session.runner.over(again, damaged)
        assert again.state == shows
        assert again.error is not None
        assert notices[-1].actions[0][0] == f"Resume {again.name}"
    assert read_run(shown.folder).state == "finished"


def test_an_engine_that_dies_before_a_run_has_begun_leaves_nothing_to_resume(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    engine.deaf = True
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: bool(engine.of(Train)))
    engine.die()
    qtbot.waitUntil(lambda: session.run.state == "failed")
    assert "train it again" in notices[-1].text
    assert "Resume" not in notices[-1].text


def test_a_run_that_was_refused_in_other_batches_is_asked_for_in_these_again(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "finished")
    folder = session.run.folder
    update_run(folder, state="paused")
    short = Failed("The memory was not enough.", where="before it goes on", cause="memory")
    with monkeypatch.context() as patched:
        patched.setattr(engine, "_train", lambda _message: [short])
        session.train(resume=folder.name, batch_size=12)
        qtbot.waitUntil(lambda: session.run.state == "interrupted")
    assert session.run.batch_size == 12  # of which half is offered
    notices[-1].actions[0][1]()
    qtbot.waitUntil(lambda: len(engine.of(Train)) == 3 and session.run.state == "finished")
    assert [t.batch_size for t in engine.of(Train)] == [0, 12, 12]


def test_an_engine_that_dies_over_the_scores_of_the_test_part_leaves_a_run_that_has_ended(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    in_the_middle(qtbot, session, table, engine)
    update_run(session.run.folder, state="finished")
    engine.die()
    qtbot.waitUntil(lambda: session.run.state == "finished")
    assert session.run.error is None
    assert "had ended well" in notices[-1].text
    assert not notices[-1].actions  # nothing is left to resume
    assert not session.runs or not session.runs[-1].interrupted


def test_a_run_that_died_before_its_first_checkpoint_is_not_offered_to_be_resumed(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    in_the_middle(qtbot, session, table, engine)
    assert session.run is not None
    (session.run.folder / "checkpoint.npz").unlink(missing_ok=True)
    engine.die()
    qtbot.waitUntil(lambda: session.run.state == "failed", timeout=10_000)
    notice = next(n for n in notices if "interrupted" in n.text)
    assert "No checkpoint" in notice.text
    assert "Resume" not in f"{notice.text} {session.run.error}"
    assert notice.actions == ()
    qtbot.waitUntil(lambda: read_run(session.run.folder).state == "failed")
    qtbot.waitUntil(lambda: not session.runs[-1].interrupted)


def test_what_cannot_be_trained_says_why_and_where(qtbot, session: Session, notices: list[Notice]) -> None:
    pages: list[str] = []
    session.page_wanted.connect(pages.append)
    assert not session.train()
    assert "cannot be trained yet" in notices[-1].text
    notices[-1].actions[0][1]()
    assert pages == ["data"]


def test_a_problem_of_the_graph_keeps_from_training(
    qtbot, session: Session, table: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    engine.problems = (Problem("error", "Dense needs an input.", node="x"),)
    session.start_engine()
    session.open_path(table)
    qtbot.waitUntil(lambda: session.resolved.pages["model"].state == "attention", timeout=20_000)
    assert not session.train()
    assert "Dense needs an input." in notices[-1].text


def test_train_before_the_engine_is_ready_waits_for_it(qtbot, session: Session, table: Path) -> None:
    session.open_path(table)
    qtbot.waitUntil(lambda: session.facts is not None, timeout=20_000)
    session.start_engine()
    qtbot.waitUntil(lambda: session.engine.state in ("starting", "ready"))
    assert session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "finished", timeout=20_000)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", "", "empty"),
        ("missing.csv", None, "no such file"),
    ],
)
def test_bad_files_are_told_and_change_nothing(
    qtbot, session: Session, tmp_path: Path, notices: list[Notice], name: str, content: str | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    session.open_path(path)
    qtbot.waitUntil(lambda: bool(notices) or session.dataset_error is not None, timeout=20_000)
    said = notices[0].text if notices else str(session.dataset_error)
    assert words in said.lower()
    assert name in said


def test_everything_is_there_again_after_reopening(qtbot, session: Session, table: Path, tmp_path: Path) -> None:
    opened(qtbot, session, table)
    session.train()
    # its record may be read before its end is heard, until when the project cannot move
    qtbot.waitUntil(lambda: bool(session.runs) and session.runs[-1].usable and not session.run.active, timeout=20_000)
    session.apply(edits.set_train(epochs=77), "Epochs")
    place = tmp_path / "saved" / "My kinds"
    with qtbot.waitSignal(session.project_opened):
        session.save_as(place)
    assert session.folder.path == place
    assert not session.folder.draft
    assert not list(drafts_folder().iterdir())
    kept = session.project
    session.new_project()
    assert session.project.data is None
    assert session.runs == []
    session.open_project(place)
    qtbot.waitUntil(lambda: session.project == kept, timeout=10_000)
    ready(qtbot, session)
    assert session.project.train.epochs == 77
    assert len(session.runs) == 1
    assert not session.document.dirty
    assert session.settings.recent[0] == str(place)


def test_a_change_is_saved_by_itself_as_a_draft(qtbot, session: Session, table: Path) -> None:
    session.open_path(table)
    with qtbot.waitSignal(session.saved, timeout=20_000):
        pass
    assert session.folder.draft
    assert ProjectFolder(session.folder.path).load().data.path == str(table)


def test_a_folder_that_cannot_be_written_is_told_and_nothing_lost(
    qtbot, session: Session, table: Path, tmp_path: Path, notices: list[Notice]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    session.open_path(table)
    qtbot.waitUntil(lambda: session.project.data is not None, timeout=20_000)
    session.save_as(blocked / "project")
    qtbot.waitUntil(lambda: any(n.key == "save" for n in notices), timeout=10_000)
    assert session.project.data.path == str(table)
    assert session.folder.draft


def test_a_project_of_a_newer_version_is_refused_in_plain_words(
    qtbot, session: Session, tmp_path: Path, notices: list[Notice]
) -> None:
    folder = tmp_path / "newer"
    folder.mkdir()
    (folder / "project.json").write_text('{"format": "workbench-project", "version": 999, "project": {}}')
    session.open_path(folder)
    qtbot.waitUntil(lambda: bool(notices))
    assert "newer workbench" in notices[0].text


def test_a_second_window_reads_only(qtbot, qapp, session: Session, engine: ScriptedEngine, table: Path) -> None:
    opened(qtbot, session, table)
    session.projects.save_now()
    other = Session(engine.transport)
    heard: list[Notice] = []
    other.notice.connect(heard.append)
    try:
        other.open_project(session.folder.path)
        qtbot.waitUntil(lambda: other.project.data is not None, timeout=10_000)
        assert other.read_only
        assert "open in another window" in heard[0].text
        other.apply(edits.set_train(epochs=5), "Epochs")
        other.projects.save_now()
        assert session.folder.load().train.epochs != 5
    finally:
        other.shut_down()


def test_pasted_cells_become_a_project_that_keeps_them(qtbot, session: Session, tmp_path: Path) -> None:
    session.start_engine()
    session.paste(TABLE.replace(",", "\t"))
    ready(qtbot, session)
    assert session.project.data == replace(
        DataSpec("pasted", "data/pasted.csv"), fingerprint=session.project.data.fingerprint
    )
    assert len(session.dataset) == 60
    with qtbot.waitSignal(session.project_opened):
        session.save_as(tmp_path / "kept")
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=10_000)
    assert (tmp_path / "kept" / "data" / "pasted.csv").is_file()


def test_text_that_is_no_table_leaves_the_open_project_alone(
    qtbot, session: Session, table: Path, notices: list[Notice]
) -> None:
    opened(qtbot, session, table)
    before = session.project
    session.paste("hello")
    qtbot.waitUntil(lambda: any("Pasted cells" in n.text for n in notices))
    assert session.project is before
    assert session.dataset is not None


def test_nothing_on_the_clipboard_is_said(session: Session, notices: list[Notice]) -> None:
    session.paste("  \n")
    assert "no text on the clipboard" in notices[0].text


def test_other_data_begins_a_new_project_and_keeps_the_old(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    first = session.folder.path
    session.open_sample("iris")
    qtbot.waitUntil(lambda: session.project.name == "iris")
    assert session.folder.path != first
    assert ProjectFolder(first).load().name == "kinds"


def test_what_is_being_typed_belongs_to_the_project_that_is_left(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    first = session.folder.path
    line = QLineEdit()
    line.editingFinished.connect(lambda: session.apply(edits.rename_project(line.text()), "Rename"))
    qtbot.addWidget(line)
    line.show()
    line.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClicks(line, "typed")
    session.new_project()
    assert ProjectFolder(first).load().name == "typed"
    line.clearFocus()
    assert session.project.name == "Untitled"


def test_what_cannot_be_saved_stays_open(
    qtbot, session: Session, table: Path, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: ProjectFolder, _project: object) -> None:
        raise ProjectError("The file could not be written (No space left on device).")

    opened(qtbot, session, table)
    session.projects.save_now()
    session.apply(edits.rename_project("precious"), "Rename")
    with monkeypatch.context() as patched:
        patched.setattr(ProjectFolder, "save", full)
        assert not session.new_project()
        session.open_sample("iris")
        session.paste("a,b\n1,2\n")
        assert session.project.name == "precious"
        assert any("No space left" in notice.text for notice in notices)
    assert session.new_project()


def test_measured_scores_are_kept_with_their_run(qtbot, session: Session, table: Path) -> None:
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and not session.run.active and len(session.runs) == 1)
    # read from disk by a job, perhaps while it trained
    qtbot.waitUntil(lambda: session.runs[0].state == "finished" and "val_loss" in session.runs[0].scores)
    before = dict(session.runs[0].scores)
    session.keep_scores(session.run, {"test.accuracy": 0.75})
    qtbot.waitUntil(lambda: session.runs[0].scores.get("test.accuracy") == 0.75)
    kept = read_run(session.folder.runs / session.runs[0].id).scores
    assert kept == {**before, "test.accuracy": 0.75}


def test_predict_asks_the_newest_run_and_overtaken_questions_are_dropped(
    qtbot, session: Session, table: Path, engine: ScriptedEngine
) -> None:
    answers: list[object] = []
    session.predict({"features": np.zeros((1, 1), np.float32)}, answers.append)
    assert isinstance(answers[0], Failed)
    assert "Train the model first" in answers[0].remedy
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: bool(session.runs) and session.runs[-1].usable)
    answers.clear()
    for number in range(20):
        x = {"features": np.full((1, 1), number, np.float32)}
        session.predict(x, answers.append, newest="pad")
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert isinstance(answers[-1], Predicted)
    asked = engine.of(Predict)
    assert len(asked) == 2
    assert float(asked[-1].x["features"][0, 0]) == 19
    assert Path(asked[-1].folder) == session.folder.runs / session.runs[-1].id


def test_an_interrupted_run_is_offered_when_its_project_is_opened(
    qtbot, session: Session, table: Path, notices: list[Notice]
) -> None:
    opened(qtbot, session, table)
    session.train()
    qtbot.waitUntil(lambda: bool(session.runs) and session.runs[-1].usable)
    folder = session.folder
    update_run(folder.runs / session.runs[0].id, state="running", epochs=4)
    session.new_project()
    notices.clear()
    session.open_project(folder.path)
    qtbot.waitUntil(lambda: any("interrupted after 2 epochs" in n.text for n in notices), timeout=10_000)
    notice = next(n for n in notices if "interrupted" in n.text)
    notice.actions[0][1]()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "finished", timeout=20_000)
    assert read_run(session.run.folder).epochs_done == 4


def test_listeners_hear_every_change(session: Session) -> None:
    heard: list[Change] = []
    session.changed.connect(heard.append)
    session.apply(edits.set_train(epochs=3), "Epochs")
    session.undo()
    assert [c.label for c in heard] == ["Epochs", "Undo Epochs"]
