"""The journey without a window: what each command does, apart from printing.

The same core and the same engine as the window; the engine runs in its own process here too.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from workbench.core import edits, metrics, runs, settings
from workbench.core.data import pipeline
from workbench.core.data.dataset import ImageData, TableData
from workbench.core.data.prepared import open_prepared, prepare_external
from workbench.core.data.preprocess import Answer, Preprocessor
from workbench.core.data.sources import load
from workbench.core.data.suggest import Suggestion, suggest
from workbench.core.errors import DataError, ExportError, ProjectError, TrainError, WorkbenchError
from workbench.core.project import ColumnFeature, Project
from workbench.core.proposal import propose_training
from workbench.core.storage import ProjectFolder, read_json
from workbench.core.templates import suggest_template, template
from workbench.link import messages as m
from workbench.link.client import EngineClient, EngineState
from workbench.link.spawn import ChildProcess

if TYPE_CHECKING:
    import pandas as pd

Say = Callable[[float, str], None]
T = TypeVar("T", bound=m.Message)


class Engine:
    """The engine, asked and waited for. Use as a context manager; it starts on entering and ends on leaving."""

    def __init__(self) -> None:
        self.client = EngineClient(ChildProcess)

    def __enter__(self) -> Engine:
        self.client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def ask(self, message: m.Message, answer: type[T], on_progress: Say | None = None) -> T:
        """The engine's answer. Raises WorkbenchError with what the engine says when it cannot."""

        def progress(p: m.Message) -> None:
            if isinstance(p, m.Progress) and on_progress is not None:
                on_progress(p.done / p.total if p.total else 0.0, p.text)

        given = self.client.call(message, on_progress=progress)
        if isinstance(given, m.Failed):
            if given.detail:
                raise RuntimeError(f"{given.what}\n{given.detail}")
            raise WorkbenchError(given.what, where=given.where, remedy=given.remedy)
        assert isinstance(given, answer), given
        return given

    def train(self, folder: Path, resume: bool) -> Iterator[m.Message]:
        """The events of a run, as they come; the last is RunEnded. Leaving early stops the run and keeps the best."""
        events: queue.SimpleQueue[m.Message] = queue.SimpleQueue()
        run = folder.name

        def heard(event: m.Message | EngineState) -> None:
            if not isinstance(event, (EngineState, m.RunEnded)) and getattr(event, "run", None) == run:
                events.put(event)

        forget = self.client.listen(heard)
        ended = False
        try:
            self.client.ask(m.Train(str(folder), resume), events.put)
            while not ended:
                event = events.get()
                ended = isinstance(event, (m.RunEnded, m.Failed))
                yield event
        finally:
            if not ended:
                self.client.call(m.Control(run, "stop"))
                while not isinstance(events.get(), (m.RunEnded, m.Failed)):
                    pass
            forget()


# ---- projects ------------------------------------------------------------------------------------------------


def create(folder: Path, data: str, target: str, task: str, template_name: str) -> tuple[Project, str]:
    """A new project on `data` with the features proposed and a fitting model. Returns it and the template's name.

    Raises:
        WorkbenchError: the place is taken, the data cannot be read, or target and template do not fit it.
    """
    home = ProjectFolder(folder)
    if home.path.exists() and (not home.path.is_dir() or any(home.path.iterdir())):
        raise ProjectError("This place is not empty.", where=str(folder), remedy="Name a new folder.")
    spec = pipeline.find_source(data)
    project = edits.set_task(task)(Project(name=home.path.name, data=spec))
    if target:
        project = edits.set_columns((ColumnFeature(target, "target", "auto"),))(project)
    staged = pipeline.stage(project)
    if target and isinstance(staged.dataset, TableData) and target not in staged.dataset.frame.columns:
        known = ", ".join(map(str, staged.dataset.frame.columns[:20]))
        raise DataError(f'There is no column "{target}".', where=data, remedy=f"The columns are: {known}.")
    facts, _ = pipeline.facts_of(staged)
    name = template_name or suggest_template(facts)
    spec = replace(spec, fingerprint=staged.dataset.report.fingerprint)
    train = propose_training(name, facts, project.train)
    project = replace(project, data=spec, graph=template(name, facts), train=train)
    home.save(project)
    return project, name


def suggestions(project: Project) -> tuple[Suggestion, ...]:
    """What could be cleaned, ranked; nothing for pictures."""
    staged = pipeline.stage(project)
    return () if staged.cleaned is None else tuple(suggest(staged.cleaned.frame, staged.profile))


def accept(folder: ProjectFolder, project: Project) -> tuple[Project, tuple[Suggestion, ...]]:
    """Accept suggestions until none is left that adds a step, and save. Returns the project and what was accepted."""
    accepted: list[Suggestion] = []
    for _ in range(4):  # accepting one may bring another to light
        taken = {(s.kind, repr(dict(s.params))) for s in project.recipe}
        fresh = [s for s in suggestions(project) if (s.step.kind, repr(dict(s.step.params))) not in taken]
        if not fresh:
            break
        project = edits.add_steps(tuple(s.step for s in fresh))(project)
        accepted += fresh
    folder.save(project)
    return project, tuple(accepted)


# ---- training ------------------------------------------------------------------------------------------------


def begin_run(folder: ProjectFolder, project: Project, name: str, say: Say | None = None) -> Path:
    """Prepare the arrays and freeze a new run. Raises WorkbenchError in the words of whatever does not fit."""
    staged = pipeline.stage(project, say)
    failed = [o for o in staged.cleaned.outcomes if o.error] if staged.cleaned else []
    if failed:
        raise TrainError(failed[0].error, where=f"recipe step {failed[0].step_id}", remedy="Mend or delete the step.")
    prepared = pipeline.materialise(staged, settings.cache_folder(), say)
    if prepared.facts.target is None:
        raise TrainError("No target is chosen.", remedy="Name the column to predict with `new --target COLUMN`.")
    return runs.create_run(
        folder.runs, staged.project, prepared.facts, prepared.preprocessor.to_json(), prepared.folder, name
    )


def interrupted_run(folder: ProjectFolder, name: str) -> Path:
    """The run to resume: the one named, or the newest that has a checkpoint."""
    records = [r for r in runs.list_runs(folder.runs) if not name or name in (r.id, r.name)]
    chosen = [r for r in records if (folder.runs / r.id / "checkpoint.npz").is_file()]
    if not chosen:
        raise TrainError("There is no run to resume.", where=str(folder.path), remedy="Train without --resume.")
    return folder.runs / chosen[-1].id


# ---- answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scores:
    """metrics: Keras' names in the model's own units; person: in the person's units (regression), else empty."""

    metrics: dict[str, float]
    person: dict[str, float]
    baseline: metrics.Baseline
    rows: int
    part: str


def evaluate(engine: Engine, folder: Path, data: str = "") -> Scores:
    """Scores of a run on its held-out rows, or on another file, beside the baseline of the training rows."""
    record = runs.read_run(folder)
    trained_on = open_prepared(Path(record.prepared))
    preprocessor = trained_on.preprocessor
    if data:
        prepared = prepare_external(preprocessor, load(pipeline.find_source(data)), settings.cache_folder())
    else:
        prepared = trained_on
    part = next((p for p in ("test", "validation", "train") if prepared.facts.rows.get(p)), "train")
    found = engine.ask(m.Evaluate(str(folder), part, str(prepared.folder)), m.Evaluated)
    target = preprocessor.target
    assert target is not None  # a run is never created without one
    truth = np.asarray(prepared.part(part).y)
    baseline = metrics.baseline(target, np.asarray(trained_on.part("train").y), truth)
    person: dict[str, float] = {}
    if target.task == "regression":
        errors = metrics.regression_errors(preprocessor.unscale(truth).ravel(), preprocessor.unscale(found.y).ravel())
        person = {"mae": errors.mae, "rmse": errors.rmse, "r2": errors.r2}
    return Scores(dict(found.metrics), person, baseline, len(truth), part)


def predict(engine: Engine, model: Path, run: str, data: str) -> pd.DataFrame:
    """One row an input row: the answer, and its probability (or each class's) for a class.

    model: a project folder, or an exported file with its card beside it.

    Raises:
        WorkbenchError: the model, the run or the data does not fit.
    """
    dataset = load(pipeline.find_source(data))
    if (model / "project.json").is_file():
        folder = runs.find_run(ProjectFolder(model).runs, run)
        preprocessor = Preprocessor.from_json(runs.read_preprocessor(folder))
        y = engine.ask(m.Predict(str(folder), _inputs(preprocessor, dataset)), m.Predicted).y
        return _answer_table(preprocessor.decode(y), dataset)
    card = _card(model)
    preprocessor = Preprocessor.from_json(card["preprocessor"])
    y = engine.ask(m.PredictFile(str(model), _raw_inputs(card, preprocessor, dataset)), m.Predicted).y
    if preprocessor.target is not None and preprocessor.target.task == "regression":
        # The exported file answers in the person's units already.
        return _answer_table(Answer(preprocessor.target.name, values=np.asarray(y, np.float64).ravel()), dataset)
    return _answer_table(preprocessor.decode(y), dataset)


def _inputs(preprocessor: Preprocessor, dataset: TableData | ImageData) -> dict[str, np.ndarray[Any, Any]]:
    name = preprocessor.inputs[0].name
    if isinstance(dataset, TableData):
        return {name: preprocessor.transform(dataset.frame)}
    return {name: np.stack([preprocessor.image(dataset.image(i)) for i in range(len(dataset))])}


def _card(model: Path) -> Any:
    """What travels beside an exported file."""
    card = model / "workbench.json" if model.is_dir() else model.with_name(model.name + ".json")
    if not model.exists():
        raise ExportError("There is no such project or model.", where=str(model))
    if not card.is_file():
        raise ExportError(
            "The file that names its columns and classes is missing.",
            where=str(card),
            remedy="Keep the .json that was exported beside the model, or predict with the project.",
        )
    return read_json(card)


def _raw_inputs(card: Any, preprocessor: Preprocessor, dataset: TableData | ImageData) -> dict[str, Any]:
    """Cells as the exported model takes them: float32 with NaN, text with its own word for missing, or pixels."""
    from workbench.core.data.values import MISSING, numbers, text_of

    if isinstance(dataset, ImageData):
        pixels = np.stack([preprocessor.image(dataset.image(i)) for i in range(len(dataset))])
        return {card["inputs"][0]["name"]: pixels.astype(np.float32)}
    preprocessor.transform(dataset.frame.head(0))  # names the missing columns in plain words
    given: dict[str, Any] = {}
    for column, entry in zip(preprocessor.columns, card["inputs"], strict=True):
        cells = dataset.frame[column.name]
        if column.encoder == "onehot":
            given[entry["name"]] = np.array([text_of(c) or MISSING for c in cells.astype(object)], np.str_)[:, None]
        else:
            given[entry["name"]] = numbers(cells, column.name).astype(np.float32)[:, None]
    return given


def _answer_table(answer: Answer, dataset: TableData | ImageData) -> pd.DataFrame:
    import pandas as pd

    names = (
        list(dataset.frame.index + 1)
        if isinstance(dataset, TableData)
        else [dataset.name(i) for i in range(len(dataset))]
    )
    table = pd.DataFrame({"row" if isinstance(dataset, TableData) else "picture": names})
    if answer.values is not None:
        table[answer.target] = answer.values
        return table
    assert answer.probabilities is not None
    table[answer.target] = answer.labels
    table["probability"] = answer.probabilities.max(axis=1)
    for i, name in enumerate(answer.classes):
        table[f"p({name})"] = answer.probabilities[:, i]
    return table


def table_csv(table: pd.DataFrame) -> str:
    """As CSV. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    safe = table.copy()
    for column in safe.columns:
        if not np.issubdtype(getattr(safe[column].dtype, "type", object), np.number):
            safe[column] = [f"'{v}" if isinstance(v, str) and v[:1] in "=+-@\t\r" and v else v for v in safe[column]]
    return safe.to_csv(index=False)


def write_json(value: object) -> str:
    """One line of JSON; what JSON has no number for becomes null."""
    return json.dumps(_finite(value), ensure_ascii=False)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
