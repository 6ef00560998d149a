"""A session for the pages that follow a run: real documents, jobs, runs and arrays, and no engine.

Answers come from a rule given by the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.catalog import load_catalog
from workbench.core.checks import Resolved, Situation, resolve
from workbench.core.data.dataset import ImageData, LoadReport, TableData
from workbench.core.data.prepared import prepare
from workbench.core.document import Document
from workbench.core.facts import GraphFacts
from workbench.core.history import History
from workbench.core.project import ColumnFeature, Features, Graph, Node, Project, Wire
from workbench.core.runs import create_run, read_run, update_run
from workbench.core.storage import ProjectFolder
from workbench.link.messages import Batches, Device, EpochEnded, Evaluated, Message, Predicted, RunEnded, RunStarted
from workbench.ui.bridge import EngineStatus
from workbench.ui.choice import Choice
from workbench.ui.cluster_run import ClusterRun
from workbench.ui.jobs import Jobs
from workbench.ui.live_run import LiveRun
from workbench.ui.telling import Telling

Rule = Callable[[Mapping[str, np.ndarray]], np.ndarray]


class Cells:
    """A cleaned table: what of core.data.recipe.Cleaned the pages use."""

    def __init__(self, table: TableData) -> None:
        self.frame = table.frame
        self.parts = table.parts
        self.folder = table.folder
        self.test_folder = table.test_folder


class StagedSession(QObject):
    """What pages ask of a Session. `asked` lists the verbs that were used."""

    changed = Signal(object)
    dataset_changed = Signal()
    cleaned_changed = Signal()
    facts_changed = Signal()
    graph_checked = Signal()
    resolved_changed = Signal()
    engine_changed = Signal()
    run_changed = Signal()
    run_batches = Signal(object)
    run_epoch = Signal(object)
    runs_changed = Signal()
    notice = Signal(object)

    def __init__(self, folder: Path, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = Document(project)
        self.jobs = Jobs(self)
        self.folder = ProjectFolder(folder)
        self.catalog = load_catalog()
        self.dataset: Any = None
        self.cleaned: Any = None
        self.profile: Any = None
        self.facts: Any = None
        self.preprocessor: Any = None
        self.prepared: Any = None
        self.graph_facts: GraphFacts | None = None
        self.engine = EngineStatus("ready", "", (Device("cpu", "CPU, 2 cores"),))
        self.resolved: Resolved = resolve(self.project, Situation())
        self.can_wait = self.train_wanted = False
        self.waiting: list[str] = []
        self.time_ahead = ""
        self.cluster = ClusterRun(self)
        self.choice = Choice(self)
        self.forecasted: Any = None
        self.run: LiveRun | None = None
        self.runs: list[Any] = []
        self.asked: list[tuple[Any, ...]] = []
        self.rule: Rule = lambda x: np.zeros((len(next(iter(x.values()))), 1), np.float32)
        self.answer_export: Callable[[str, str], Message] | None = None
        self.failing: Message | None = None
        self.client = SimpleNamespace(cancel=lambda number: self.asked.append(("cancel", number)))
        self.telling = Telling(self)  # type: ignore[arg-type]
        self.document.listen(self.changed.emit)

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def features(self) -> Any:
        return self.project.features

    # ---- setting the stage ---------------------------------------------------------------------------------------

    def ready(self, *, can_train: bool = True, why_not: str = "") -> None:
        self.resolved = replace(self.resolved, can_train=can_train, why_not=why_not)
        self.resolved_changed.emit()

    def with_data(self, dataset: Any, cleaned: Any = None) -> None:
        """Prepare the arrays of the project on this data, as a run would."""
        self.dataset, self.cleaned = dataset, cleaned
        self.prepared = prepare(self.project, dataset, cleaned, self.folder.path / "cache")
        self.facts, self.preprocessor = self.prepared.facts, self.prepared.preprocessor
        self.dataset_changed.emit()
        self.facts_changed.emit()

    def begin_run(self, name: str = "", epochs: int = 20, steps: int = 40, metric: str = "accuracy") -> LiveRun:
        """A run that trains."""
        folder = create_run(
            self.folder.runs,
            self.project,
            self.facts,
            self.preprocessor.to_json(),
            self.prepared.folder,
            name,
        )
        run = LiveRun(folder, read_run(folder), text="")
        run.started = RunStarted(
            run.id, epochs, steps, 32, 1234, "CPU", "compiled loop", "sparse_categorical_crossentropy", (metric,)
        )
        run.state = "running"
        self.run = run
        self.run_changed.emit()
        return run

    def add_batches(self, values: Mapping[str, np.ndarray], rate: float = 12_345.0, left: float = 130.0) -> None:
        run = self.run
        assert run is not None
        assert run.started is not None
        run.history.batches.append(values)
        run.step = len(run.history.batches)
        run.epoch = run.step // run.started.steps_per_epoch
        run.samples_per_second, run.seconds_left = rate, left
        self.run_batches.emit(Batches(run.id, run.epoch, run.step, values, rate, left))
        self.run_changed.emit()

    def add_epoch(self, logs: Mapping[str, float]) -> None:
        run = self.run
        assert run is not None
        run.history.epochs.append(logs)
        run.epoch = len(run.history.epochs)
        self.run_epoch.emit(EpochEnded(run.id, run.epoch - 1, logs, 1.0, True))
        self.run_changed.emit()

    def end_run(self, reason: str = "finished", best: int = 0, **failure: str) -> None:
        """The run ends and is listed."""
        run = self.run
        assert run is not None
        epochs = len(run.history.epochs)
        run.ended = RunEnded(run.id, reason, epochs, best, 65.0, **failure)
        run.state, run.text = reason, ""
        run.history.save(run.folder / "history.npz")
        run.record = update_run(run.folder, state=reason, best_epoch=best, epochs_done=epochs, epochs=run.epochs)
        self.runs = [*self.runs, run.record]
        self.run_changed.emit()
        self.runs_changed.emit()

    def old_run(self, history: History, name: str, **changes: Any) -> None:
        """A run from earlier, on disk."""
        folder = create_run(
            self.folder.runs, self.project, self.facts, self.preprocessor.to_json(), self.prepared.folder, name
        )
        history.save(folder / "history.npz")
        changes = {"state": "finished", "best_epoch": 0, "epochs_done": len(history.epochs), **changes}
        self.runs = [*self.runs, update_run(folder, **changes)]
        self.runs_changed.emit()

    # ---- verbs ---------------------------------------------------------------------------------------------------

    def apply(self, edit: Any, label: str, merge_key: str | None = None) -> bool:
        return self.document.apply(edit, label, merge_key)

    def adjust(self, **changes: Any) -> None:
        self.asked.append(("adjust", changes))

    def start_cluster(self, machines: Any, resume: str = "") -> None:
        self.asked.append(("cluster", machines, *([resume] if resume else [])))

    def enqueue(self, name: str = "", start: Any = None, folds: int = 0) -> bool:
        self.asked.append(("enqueue", start, folds))
        return True

    def clear_queue(self) -> None:
        self.waiting = []

    def go_on_with_queue(self) -> None:
        self.asked.append(("go on",))

    def forecast(self, on_answer: Any) -> int:
        self.asked.append(("forecast",))
        if self.forecasted is None:
            return 0
        on_answer(self.forecasted)
        return 1

    def train(self, resume: Any = None, name: str = "", *, batch_size: int = 0, **_settings: Any) -> bool:
        self.asked.append(("train", resume, batch_size) if batch_size else ("train", resume))
        return True

    def train_chosen(self) -> bool:
        self.choice.asked.emit()
        return self.train(start=self.choice.start(self.folder.runs), folds=self.choice.folds(self.project))

    def pause(self) -> None:
        self.asked.append(("pause",))

    def resume(self) -> None:
        self.asked.append(("resume",))

    def stop(self) -> None:
        self.asked.append(("stop",))

    def abort(self) -> None:
        self.asked.append(("abort",))

    def kill_engine(self) -> None:
        self.asked.append(("kill_engine",))

    def show_page(self, name: str) -> None:
        self.asked.append(("page", name))

    def tell(self, what: Any, severity: str = "info", key: str = "") -> None:
        self.notice.emit(what)

    def run_folder(self, run: Any = None) -> Path:
        if run is None:
            return self.run.folder if self.run is not None else self.folder.runs / self.runs[-1].id
        return run if isinstance(run, Path) else self.folder.runs / (run if isinstance(run, str) else run.id)

    def predict(self, x: Mapping[str, np.ndarray], on_answer: Any, run: Any = None, newest: str = "") -> None:
        self.asked.append(("predict", {k: v.shape for k, v in x.items()}))
        answer = self.failing or Predicted(np.asarray(self.rule(x), np.float32), 0.4)
        QTimer.singleShot(0, self, lambda: on_answer(answer))

    def evaluate(self, run: Any, on_answer: Any, part: str = "test") -> int:
        self.asked.append(("evaluate", part))
        x = {k: np.asarray(v) for k, v in self.prepared.part(part).x.items()}
        answer = self.failing or Evaluated({"loss": 0.5}, np.asarray(self.rule(x), np.float32), part)
        QTimer.singleShot(0, self, lambda: on_answer(answer))
        return 1

    def keep_scores(self, run: Any, scores: Mapping[str, float]) -> None:
        self.asked.append(("keep_scores", dict(scores)))

    def export(self, run: Any, format: str, out: Any, on_progress: Any, on_answer: Any) -> int:
        self.asked.append(("export", format, str(out)))
        assert self.answer_export is not None
        answer = self.answer_export(format, str(out))
        QTimer.singleShot(0, self, lambda: on_answer(answer))
        return 1


# ---- small real data -----------------------------------------------------------------------------------------------


def digit_pictures(count: int = 240, classes: tuple[str, ...] = ("zero", "one", "two"), side: int = 28) -> ImageData:
    """Light bars on dark paper, one place a class; the last quarter is the test part."""
    labels = (np.arange(count) % len(classes)).astype(np.int32)
    array = np.zeros((count, side, side, 1), np.uint8)
    for i, label in enumerate(labels):
        array[i, 4:24, 5 + 6 * int(label) : 9 + 6 * int(label), 0] = 255
    parts = (np.arange(count) >= count * 3 // 4).astype(np.uint8)
    return ImageData(classes, labels, parts, LoadReport(None, count, fingerprint=f"digits {count} {classes}"), array)


def passengers(count: int = 200) -> TableData:
    """Sex and age decide who survives; some ages are missing."""
    import pandas as pd

    rng = np.random.default_rng(0)
    sex = np.where(rng.random(count) < 0.5, "female", "male")
    age = rng.integers(1, 80, count).astype(float)
    age[::17] = np.nan
    lived = np.where((sex == "female") ^ (rng.random(count) < 0.1), "yes", "no")
    frame = pd.DataFrame({"Sex": sex, "Age": age, "Survived": lived})
    return TableData(frame, LoadReport(None, count, fingerprint="passengers"), np.zeros(count, np.uint8))


def houses(count: int = 200) -> TableData:
    """The price follows the rooms."""
    import pandas as pd

    rng = np.random.default_rng(1)
    rooms = rng.uniform(2, 9, count).round(1)
    frame = pd.DataFrame({"Rooms": rooms, "Price": (rooms * 50 + rng.normal(0, 5, count)).round(0)})
    return TableData(frame, LoadReport(None, count, fingerprint="houses"), np.zeros(count, np.uint8))


PASSENGERS = Features(
    columns=(
        ColumnFeature("Sex", "input", "onehot"),
        ColumnFeature("Age", "input", "standard"),
        ColumnFeature("Survived", "target", "class"),
    )
)
HOUSES = Features(columns=(ColumnFeature("Rooms", "input", "standard"), ColumnFeature("Price", "target", "standard")))


def small_graph() -> Graph:
    """Input, Flatten, Dense, Output."""
    nodes = (
        Node("a", "Input", "image", {"binding": "image"}, 0, 0),
        Node("b", "Flatten", "flatten", {}, 0, 104),
        Node("c", "Dense", "dense", {"units": 3, "activation": "softmax"}, 0, 208),
        Node("d", "Output", "output", {}, 0, 312),
    )
    return Graph(nodes, (Wire("a", "b"), Wire("b", "c"), Wire("c", "d")))


def by_column(x: Mapping[str, np.ndarray]) -> np.ndarray:
    """Answers pictures of `digit_pictures` by where the ink is: sure when it is in one place."""
    pictures = np.asarray(next(iter(x.values())), np.float64)[..., 0]
    weight = np.stack([pictures[:, :, 5 + 6 * k : 9 + 6 * k].sum(axis=(1, 2)) for k in range(3)], axis=1) + 1.0
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
