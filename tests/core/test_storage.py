"""What is saved comes back, what cannot be written changes nothing, what is newer is refused in plain words."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.core import edits, migrations, settings
from workbench.core.codec import decode, encode
from workbench.core.errors import ProjectError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.history import Columns, History
from workbench.core.project import (
    ColumnFeature,
    DataSpec,
    Features,
    Graph,
    Node,
    Note,
    Project,
    Split,
    Wire,
)
from workbench.core.runs import (
    RunRecord,
    create_run,
    find_run,
    list_runs,
    read_facts,
    read_project,
    read_run,
    update_run,
    write_run,
)
from workbench.core.storage import ProjectFolder, atomic_write

SAMPLES = Path(__file__).parent / "samples"


def full_project() -> Project:
    project = Project(
        name="Überlebende",
        data=DataSpec("csv", "/data/x.csv", fingerprint="ab"),
        features=Features(columns=(ColumnFeature("age"), ColumnFeature("y", "target", "class")), split=Split(seed=4)),
        graph=Graph(
            (
                Node("a", "Input", "image", {"binding": "image"}),
                Node("b", "Conv2D", "conv", {"kernel_size": [3, 3]}, 8, 80),
            ),
            (Wire("a", "b"),),
        ),
    )
    return edits.add_step("filter_rows", {"column": "age", "operator": ">", "value": 3}, step_id="s")(project)


def test_a_project_comes_back_as_it_was(tmp_path):
    folder = ProjectFolder(tmp_path / "p")
    folder.save(full_project())
    assert folder.load() == full_project()


def test_unknown_fields_survive_a_load_and_a_save(tmp_path):
    raw = encode(full_project())
    raw["colour"] = "blue"
    raw["graph"]["nodes"][1]["comment"] = {"text": "mine"}
    project = decode(Project, raw)
    again = encode(replace(project, name="other"))
    assert again["colour"] == "blue"
    assert again["graph"]["nodes"][1]["comment"] == {"text": "mine"}


@pytest.mark.parametrize("wrong", ["left", 10**400, {"float": [1]}])
def test_a_wrong_value_is_named_by_its_place(wrong):
    raw = encode(full_project())
    raw["graph"]["nodes"][1]["x"] = wrong
    with pytest.raises(ProjectError) as caught:
        decode(Project, raw)
    assert caught.value.where == "project.graph.nodes[1].x"
    assert "number" in caught.value.what


def test_the_frozen_sample_of_each_version_opens():
    for version in range(1, migrations.VERSION + 1):
        project = ProjectFolder(SAMPLES / f"project-v{version}").load()
        assert project.name == "Passengers"
        assert [n.kind for n in project.graph.nodes] == ["Input", "Dense", "Dense", "Output"]
        assert project.recipe[0].kind == "drop_column"
        assert project.train.early_stopping.patience == 12


def test_a_newer_project_is_refused_in_plain_words_and_left_alone(tmp_path):
    folder = ProjectFolder(tmp_path / "p")
    folder.save(Project())
    raw = json.loads(folder.project_file.read_text())
    raw["version"] = migrations.VERSION + 1
    folder.project_file.write_text(json.dumps(raw))
    before = folder.project_file.read_bytes()
    with pytest.raises(ProjectError, match="newer workbench"):
        folder.load()
    assert folder.project_file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b'{"format": "other"}', b"\xff\xfe"])
def test_a_damaged_project_is_said_to_be_damaged(tmp_path, content):
    folder = ProjectFolder(tmp_path)
    folder.project_file.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        folder.load()
    assert str(tmp_path) in caught.value.where


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "f"
    atomic_write(path, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match="No space left"):
        atomic_write(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_place_that_is_a_file_is_refused_with_its_name(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProjectError) as caught:
        ProjectFolder(tmp_path / "file" / "p").save(Project())
    assert "file" in caught.value.where


def test_a_draft_moves_with_its_runs_and_never_over_something(tmp_path):
    draft = ProjectFolder.new_draft(tmp_path / "drafts")
    draft.save(full_project())
    create_run(draft.runs, full_project(), facts(), {}, tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("precious")
    with pytest.raises(ProjectError, match="not empty"):
        draft.move_to(tmp_path / "taken")
    moved = draft.move_to(tmp_path / "mine")
    assert moved.load() == full_project()
    assert len(list_runs(moved.runs)) == 1
    assert not draft.path.exists()
    assert (tmp_path / "taken" / "mine.txt").read_text() == "precious"


def facts() -> DataFacts:
    return DataFacts(
        "table",
        (InputFacts("features", "table", (3,)),),
        TargetFacts("y", "classification", ("no", "yes")),
        {"train": 7},
    )


def test_runs_stay_in_their_order_when_the_clock_is_set_back(tmp_path):
    for record in (RunRecord("20991231-235959-999ab", "run 1"), RunRecord("21000101-000000-000ff", "run 2")):
        write_run(tmp_path / record.id, record)
    third = create_run(tmp_path, full_project(), facts(), {}, tmp_path / "prepared")
    assert third.name.startswith("21000101-000000-001")
    assert [r.name for r in list_runs(tmp_path)] == ["run 1", "run 2", "run 3"]


def test_a_run_freezes_what_it_was_made_from_and_is_found_by_name(tmp_path):
    folder = create_run(tmp_path, full_project(), facts(), {"columns": []}, tmp_path / "prepared")
    second = create_run(tmp_path, full_project(), facts(), {}, tmp_path / "prepared")
    assert read_project(folder) == full_project()
    assert read_facts(folder) == facts()
    assert (read_run(folder).name, read_run(second).name) == ("run 1", "run 2")
    assert folder.name < second.name
    with pytest.raises(ProjectError, match="no trained run"):
        find_run(tmp_path)
    update_run(folder, state="finished", best_epoch=3)
    assert find_run(tmp_path) == folder
    assert find_run(tmp_path, "run 2") == second
    with pytest.raises(ProjectError, match='no run "run 9"'):
        find_run(tmp_path, "run 9")


def test_an_interrupted_run_is_told_from_a_finished_one(tmp_path):
    folder = create_run(tmp_path, Project(), facts(), {}, tmp_path)
    assert update_run(folder, state="running").interrupted
    assert not update_run(folder, state="finished").interrupted


def test_history_keeps_every_value_and_late_columns(tmp_path):
    history = History()
    for epoch in range(300):
        history.batches.append({"loss": [1.0 * epoch, 2.0]})
        history.epochs.append({"loss": epoch} if epoch < 5 else {"loss": epoch, "val_loss": epoch / 2})
    history.events.append((12, "learning rate 0,1 → 0,01"))
    history.save(tmp_path / "h.npz")
    again = History.load(tmp_path / "h.npz")
    assert len(again.batches) == 600
    assert again.batches["loss"][598] == 299
    assert again.epochs["val_loss"][299] == pytest.approx(149.5)
    assert str(again.epochs["val_loss"][4]) == "nan"
    assert again.events == history.events
    again.epochs.truncate(10)
    assert len(again.epochs["loss"]) == 10


def test_columns_of_one_append_must_agree():
    with pytest.raises(ValueError, match="equally long"):
        Columns().append({"a": [1.0, 2.0], "b": [1.0]})


def test_settings_come_back_and_a_damaged_file_is_kept_beside(tmp_path):
    chosen = (
        replace(settings.Settings(theme="dark"), last_folder="/x")
        .with_recent(tmp_path / "a")
        .with_recent(tmp_path / "b")
    )
    settings.save_settings(chosen)
    assert settings.load_settings() == chosen
    assert chosen.with_recent(tmp_path / "a").recent[0].endswith("a")
    settings.settings_file().write_text("{oops")
    assert settings.load_settings() == settings.Settings()
    assert settings.settings_file().with_suffix(".unreadable.json").read_text() == "{oops"


@pytest.mark.parametrize("far", [float("nan"), float("inf"), -1e300])
def test_what_a_damaged_file_puts_nowhere_is_brought_back_to_the_canvas(far):
    graph = Graph((Node("a", "Dense", "dense", x=8.0, y=8.0),), notes=(Note("n", "words", 8.0, 8.0),))
    told = encode(graph)
    told["nodes"][0]["x"] = told["notes"][0]["y"] = told["notes"][0]["width"] = far
    read = decode(Graph, told)
    assert (read.nodes[0].x, read.nodes[0].y) == (0.0, 0.0)
    assert read.notes[0] == Note("n", "words")
    assert decode(Graph, encode(graph)) == graph


def test_a_device_or_a_pipe_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(ProjectError, match="a device or a pipe"):
            atomic_write(tmp_path / name, b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_run_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "20260101-1").mkdir()
    (tmp_path / "20260101-1" / "run.json").write_text("junk")
    for name in ("", "run 1"):
        with pytest.raises(ProjectError) as raised:
            find_run(tmp_path, name)
        assert "What is in 20260101-1 cannot be read" in raised.value.remedy
