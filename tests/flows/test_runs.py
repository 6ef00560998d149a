"""A run's life: the same seed, a killed engine, data that moved, arrays that are gone, a graph that is wrong."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.core import edits, runs
from workbench.core.data.prepared import open_prepared
from workbench.core.project import EarlyStopping, Project, Wire
from workbench.core.settings import cache_folder
from workbench.core.storage import ProjectFolder

from .conftest import Workbench, columns, only_run

pytestmark = pytest.mark.slow


def weights(run: Path) -> list[np.ndarray]:
    with np.load(run / "best.npz", allow_pickle=False) as saved:
        return [saved[name] for name in saved.files if name != "meta"]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def write_table(path: Path, rows: int = 60, shift: float = 0.0) -> Path:
    path.write_text("x,z,y\n" + "\n".join(f"{i},{i % 7},{2 * i + i % 7 + shift}" for i in range(rows)) + "\n")
    return path


def test_the_same_seed_gives_the_same_split_and_the_same_weights(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "breast_cancer")
    folders = []
    for seed in (7, 7, 8):
        done = workbench("train", tmp_path / "p", "--seed", seed, "--epochs", 5, "--json").object
        folders.append(Path(done["folder"]))
    first, again, other = (weights(folder) for folder in folders)
    assert same(first, again)
    assert not same(first, other)
    splits = [open_prepared(Path(runs.read_run(folder).prepared)).part("test").rows for folder in folders]
    assert np.array_equal(splits[0], splits[1])


def test_a_run_killed_before_its_first_checkpoint_starts_again(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "iris")
    workbench("train", tmp_path / "p", "--epochs", 3)
    run = only_run(tmp_path / "p")
    before = weights(run)
    for name in ("checkpoint.npz", "best.npz", "history.npz"):
        (run / name).unlink()
    runs.update_run(run, state="running", epochs_done=0, best_epoch=-1)
    said = workbench("train", tmp_path / "p", "--resume")
    assert "had not reached a checkpoint" in said.err
    assert same(weights(run), before)


def test_nothing_to_resume_is_said(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "xor")
    assert "There is no run yet" in workbench("train", tmp_path / "p", "--resume", fails=True).err
    assert 'no run "b"' in workbench("train", tmp_path / "p", "--resume", "--name", "b", fails=True).err
    said = workbench("train", tmp_path / "p", "--resume", "--seed", 9, fails=True)
    assert "keeps the settings" in said.err
    home = ProjectFolder(tmp_path / "p")
    stopping = EarlyStopping(enabled=True, patience=1, min_delta=10.0)
    home.save(edits.set_train(early_stopping=stopping)(home.load()))
    assert "early stopping" in workbench("train", tmp_path / "p").out
    assert "ended by early stopping after epoch" in workbench("train", tmp_path / "p", "--resume", fails=True).err


def test_arrays_that_are_gone_are_made_again(workbench: Workbench, tmp_path: Path) -> None:
    project, table = tmp_path / "p", write_table(tmp_path / "t.csv")
    workbench("new", project, "--data", table)
    workbench("train", project, "--epochs", 4)
    before = workbench("evaluate", project, "--json").object

    shutil.rmtree(cache_folder())
    assert workbench("evaluate", project, "--json").object == before
    shutil.rmtree(cache_folder())
    workbench("export", project, "--to", "onnx", "--out", tmp_path / "m.onnx")

    shutil.rmtree(cache_folder())
    write_table(table, shift=1.0)
    said = workbench("evaluate", project, fails=True)
    assert said.status == 2
    assert "has changed since" in said.err
    table.unlink()
    said = workbench("evaluate", project, fails=True)
    assert str(table) in said.err
    assert "cannot be read" in said.err
    assert columns(workbench("predict", project, "--data", write_table(tmp_path / "new.csv")).out)["y"]


def test_data_that_changed_is_trained_as_it_is_and_said(workbench: Workbench, tmp_path: Path) -> None:
    project, table = tmp_path / "p", write_table(tmp_path / "t.csv")
    workbench("new", project, "--data", table)
    write_table(table, rows=80)
    said = workbench("train", project, "--epochs", 1)
    assert "has changed since the project last read it" in said.err
    assert "changed" not in workbench("train", project, "--epochs", 1).err
    table.unlink()
    said = workbench("train", project, fails=True)
    assert said.status == 2
    assert "t.csv" in said.err
    assert len(said.err.splitlines()) == 1


def damaged(project: Project, what: str) -> Project:
    graph, train = project.graph, project.train
    last = next(n for n in graph.nodes if n.params.get("activation") == "softmax")
    if what == "wire":
        graph = replace(graph, wires=graph.wires[1:])
    elif what == "cycle":
        second = next(n for n in graph.nodes if n.kind == "Dense")
        rest = tuple(w for w in graph.wires if w.target != second.id)
        graph = replace(graph, wires=(*rest, Wire(last.id, second.id, 0)))
    elif what == "units":
        nodes = tuple(replace(n, params={**n.params, "units": 7}) if n is last else n for n in graph.nodes)
        graph = replace(graph, nodes=nodes)
    elif what == "loss":
        train = replace(train, loss="mean_squared_error")
    return replace(project, graph=graph, train=train)


@pytest.mark.parametrize(
    ("what", "names"),
    [("wire", "dense"), ("cycle", "dense"), ("units", "3 units"), ("loss", "loss")],
)
def test_a_graph_that_cannot_be_trained(workbench: Workbench, tmp_path: Path, what: str, names: str) -> None:
    workbench("new", tmp_path / "p", "--data", "iris")
    home = ProjectFolder(tmp_path / "p")
    home.save(damaged(home.load(), what))
    said = workbench("train", tmp_path / "p", fails=True)
    assert said.status == 2
    assert names in said.err
    assert len(said.err.splitlines()) == 1
    assert not runs.list_runs(home.runs), "a run that never began leaves nothing behind"


def test_a_device_that_is_not_there_leaves_no_run(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "iris")
    said = workbench("train", tmp_path / "p", "--device", "gpu:7", fails=True)
    assert said.status == 2
    assert "gpu:7" in said.err
    assert not list((tmp_path / "p" / "runs").iterdir())


def test_a_loss_that_runs_away_is_one_line(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "diabetes")
    home = ProjectFolder(tmp_path / "p")
    home.save(edits.set_train(optimizer="SGD", optimizer_params={"learning_rate": 1e6})(home.load()))
    said = workbench("train", tmp_path / "p", "--epochs", 50, fails=True)
    assert said.status == 2
    assert "learning rate" in said.err
    assert len(said.err.splitlines()) == 1


def test_runs_are_named_and_asked_by_name(workbench: Workbench, tmp_path: Path) -> None:
    workbench("new", tmp_path / "p", "--data", "iris")
    workbench("train", tmp_path / "p", "--epochs", 1, "--name", "a  long\nname")
    workbench("train", tmp_path / "p", "--epochs", 2)
    done = json.loads(workbench("train", tmp_path / "p", "--epochs", 1, "--json").out.splitlines()[-1])
    assert done["run"] == "run 1" or done["run"] == "run 2"
    assert workbench("evaluate", tmp_path / "p", "--run", "a long name", "--json").object["rows"] > 0
    said = workbench("evaluate", tmp_path / "p", "--run", "nowhere", fails=True)
    assert 'no run "nowhere"' in said.err
    assert "a long name" in said.err
