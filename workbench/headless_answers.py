"""Scores and answers of a trained model or an exported file on data that comes later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import metrics, runs, settings
from workbench.core.data import pipeline
from workbench.core.data.arrays import pictures
from workbench.core.data.dataset import TEST, BadItem, ImageData, TableData
from workbench.core.data.image_source import load_unsorted
from workbench.core.data.pictures import EXTENSIONS
from workbench.core.data.prepared import Prepared, prepare_external
from workbench.core.data.preprocess import Answer, Preprocessor
from workbench.core.data.replay import replay
from workbench.core.data.sources import load
from workbench.core.errors import DataError, ExportError, ProjectError
from workbench.core.facts import TargetFacts
from workbench.core.project import DataSpec, Project
from workbench.core.storage import ProjectFolder, read_json
from workbench.headless_engine import Engine, Say
from workbench.link import messages as m

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 64 << 20  # bytes of pictures that are asked for at once
ROWS = 65_536
PROGRAMS = (".keras", "")  # started anew for each request (SavedModels are folders), so they get larger blocks

Inputs = dict[str, np.ndarray[Any, Any]]


# ---- scores --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scores:
    """metrics: "loss" as trained, then every metric by its Keras name; a regression's are in the person's units.
    model_units: those that were reckoned anew, as the model sees them. baseline: in the same units as metrics.
    notes: rows left out and the like."""

    metrics: dict[str, float]
    model_units: dict[str, float]
    baseline: metrics.Baseline
    rows: int
    part: str
    notes: tuple[str, ...] = ()


def evaluate(engine: Engine, folder: Path, data: str = "", say: Say | None = None) -> Scores:
    """Scores of a run on its held-out rows, or on another file, beside the baseline of the training rows.

    Raises:
        WorkbenchError: the run, its data or the other file cannot be used.
    """
    trained_on = pipeline.restore(folder, settings.cache_folder(), say)
    preprocessor = trained_on.preprocessor
    target = preprocessor.target
    assert target is not None  # a run is never created without one
    if data:
        prepared, notes = _external(preprocessor, runs.read_project(folder), data, say)
    else:
        prepared, notes = trained_on, ()
    part = next((p for p in ("test", "validation", "train") if prepared.facts.rows.get(p)), "train")
    found = engine.ask(m.Evaluate(str(folder), part, str(prepared.folder)), m.Evaluated)
    truth = np.asarray(prepared.part(part).y)
    baseline = metrics.baseline(target, np.asarray(trained_on.part("train").y), truth)
    scores, original = _in_units(preprocessor, target, dict(found.metrics), truth, np.asarray(found.y))
    if not data:
        # As trained, like every score of the record: what is shown side by side must be in the same units.
        scored = {**runs.read_run(folder).scores, **{f"{part}.{name}": value for name, value in found.metrics.items()}}
        try:
            runs.update_run(folder, scores=scored)
        except ProjectError as error:
            notes = (*notes, f"The scores are not kept with the run: {error.what}")
    return Scores(scores, original, baseline, len(truth), part, notes)


def _external(preprocessor: Preprocessor, project: Project, data: str, say: Say | None) -> tuple[Prepared, Any]:
    dataset = load(_like(project.data, pipeline.find_source(data)), say)
    _same_kind(preprocessor, dataset, data)
    notes: tuple[str, ...] = ()
    own = np.asarray(dataset.parts) == TEST
    if own.any() and not own.all():
        notes = (f"Scored on the test part that the data brings along, {own.sum():,} of {len(own):,}.",)
        dataset = _only(dataset, own)
    if isinstance(dataset, ImageData):
        prepared = prepare_external(preprocessor, dataset, settings.cache_folder(), say)
    else:
        cleaned = replay(preprocessor, dataset, every_row=False)
        notes += cleaned.notes
        prepared = prepare_external(preprocessor, cleaned, settings.cache_folder(), say)
    return prepared, (*notes, *prepared.notes)


def _only(dataset: TableData | ImageData, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> TableData | ImageData:
    """Those rows or pictures alone."""
    report = replace(dataset.report, fingerprint="")
    if isinstance(dataset, TableData):
        return replace(dataset, frame=dataset.frame[rows], parts=dataset.parts[rows], report=report)
    places = np.flatnonzero(rows)
    return replace(
        dataset,
        labels=dataset.labels[rows],
        parts=dataset.parts[rows],
        array=None if dataset.array is None else dataset.array[rows],
        files=[dataset.files[i] for i in places] if dataset.files else (),
        names=[dataset.name(int(i)) for i in places],
        file_sizes=None if dataset.file_sizes is None else dataset.file_sizes[rows],
        file_channels=None if dataset.file_channels is None else dataset.file_channels[rows],
        report=report,
    )


def _in_units(
    preprocessor: Preprocessor, target: TargetFacts, found: dict[str, float], truth: Any, y: Any
) -> tuple[dict[str, float], dict[str, float]]:
    """A regression's metrics in the person's units, and as they were."""
    if target.task != "regression":
        return found, {}
    errors = metrics.regression_errors(preprocessor.unscale(truth), preprocessor.unscale(y))
    own = {
        "mean_absolute_error": errors.mae,
        "root_mean_squared_error": errors.rmse,
        "mean_squared_error": errors.rmse**2,
        "r2_score": errors.r2,
    }
    shown = {k: own.get(k, v) for k, v in found.items()}
    return {**shown, **own}, {k: v for k, v in found.items() if k in own}


# ---- answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Answers:
    """header and columns: one row an input row, in the order of the source. notes: what a person should know."""

    header: tuple[str, ...]
    columns: tuple[Sequence[Any], ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[0])

    def frame(self) -> pd.DataFrame:
        """As a table; a name that occurs twice stays so."""
        import pandas as pd

        made = pd.DataFrame(dict(enumerate(self.columns)))
        made.columns = pd.Index(self.header)
        return made

    def csv(self) -> str:
        """As CSV. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
        frame = self.frame()
        for i in range(frame.shape[1]):
            if not isinstance(frame.dtypes.iloc[i], np.dtype) or frame.dtypes.iloc[i].kind not in "iuf":
                frame.isetitem(i, [_harmless(v) for v in frame.iloc[:, i]])
        return frame.to_csv(index=False, header=[_harmless(name) for name in self.header])


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def check_question(model: Path, run: str, data: str) -> None:
    """Find what is mistyped before an engine is started. Raises WorkbenchError as `predict` would."""
    if (model / "project.json").is_file():
        ProjectFolder(model).load()
        runs.find_run(ProjectFolder(model).runs, run)
    else:
        _card(model)
    if not Path(data).expanduser().is_file() and not Path(data).expanduser().is_dir():
        pipeline.find_source(data)


def predict(engine: Engine, model: Path, run: str, data: str, say: Say | None = None) -> Answers:
    """The answer to every row or picture of `data`, and its probability (or each class's) for a class.

    model: a project folder, or an exported file with its card beside it. data: a table with the columns of the training
    data, a picture, or a folder of pictures.

    Raises:
        WorkbenchError: the model, the run or the data does not fit.
    """
    if (model / "project.json").is_file():
        ProjectFolder(model).load()  # says so when it is damaged or newer
        folder = runs.find_run(ProjectFolder(model).runs, run)
        preprocessor = Preprocessor.from_json(runs.read_preprocessor(folder))
        spec = runs.read_project(folder).data

        def ask(x: Inputs) -> np.ndarray[Any, Any]:
            return engine.ask(m.Predict(str(folder), x), m.Predicted).y

        name = preprocessor.inputs[0].name
        return _answers(preprocessor, _new_data(preprocessor, data, spec, say), lambda x: {name: x}, ask, BLOCK, say)
    card = _card(model)
    preprocessor = Preprocessor.from_json(card["preprocessor"])

    def ask_file(x: Inputs) -> np.ndarray[Any, Any]:
        return engine.ask(m.PredictFile(str(model.absolute()), x), m.Predicted).y

    def pixels(x: np.ndarray[Any, Any]) -> Inputs:
        return {card["inputs"][0]["name"]: x.astype(np.float32)}

    block = BLOCK if model.suffix in PROGRAMS else BLOCK // 16
    dataset = _new_data(preprocessor, data, None, say)
    return _answers(preprocessor, dataset, pixels, ask_file, block, say, card)


def _answers(
    preprocessor: Preprocessor,
    dataset: TableData | ImageData,
    fed: Any,
    ask: Any,
    block: int,
    say: Say | None,
    card: Any = None,
) -> Answers:
    """Ask block by block, so that no more than a block of pictures is in memory at once."""
    found: list[np.ndarray[Any, Any]] = []
    if isinstance(dataset, TableData):
        cleaned = replay(preprocessor, dataset, every_row=True)
        step = max(1, min(ROWS, BLOCK // (4 * max(1, preprocessor.width))))
        for start in range(0, max(1, len(cleaned.frame)), step):
            some = cleaned.frame.iloc[start : start + step]
            found.append(ask(raw_cells(card, preprocessor, some) if card else fed(preprocessor.transform(some))))
            _tell(say, start + len(some), len(dataset), "rows")
        names = [int(i) + 1 for i in cleaned.frame.index]
        return _table(preprocessor, np.concatenate(found), "row", names, np.arange(len(names)), card, cleaned.notes)
    skipped: list[BadItem] = []
    taken: list[int] = []
    for rows, x in _blocks(dataset, preprocessor, skipped, block):
        found.append(ask(fed(x)))
        taken += rows
        _tell(say, len(taken) + len(skipped), len(dataset), "pictures")
    if not found:
        raise DataError(
            f"None of the {len(dataset):,} pictures can be read; the first: {skipped[0].what}", where=skipped[0].where
        )
    names = [dataset.name(i) for i in range(len(dataset))]
    notes = tuple(f"{item.where}: {item.what} It has no answer." for item in skipped[:5])
    if len(skipped) > 5:
        notes += (f"{len(skipped) - 5:,} more pictures cannot be read and have no answer.",)
    return _table(preprocessor, np.concatenate(found), "picture", names, np.asarray(taken), card, notes)


def _blocks(
    dataset: ImageData, preprocessor: Preprocessor, skipped: list[BadItem], limit: int
) -> Iterator[tuple[list[int], np.ndarray[Any, Any]]]:
    """Pictures as the model takes them, about `limit` bytes at a time, decoded as for training."""
    rows: list[int] = []
    held: list[np.ndarray[Any, Any]] = []
    size = 0
    for some, pixels in pictures(dataset, np.arange(len(dataset)), preprocessor, skipped):
        rows += some.tolist()
        held.append(pixels)
        size += pixels.nbytes
        if size >= limit:
            yield rows, np.concatenate(held)
            rows, held, size = [], [], 0
    if held:
        yield rows, np.concatenate(held)


def _tell(say: Say | None, done: int, total: int, what: str) -> None:
    if say is not None:
        say(done / max(total, 1), f"{done:,} of {total:,} {what} answered")


def _new_data(
    preprocessor: Preprocessor, data: str, trained_on: DataSpec | None, say: Say | None
) -> TableData | ImageData:
    place = Path(data).expanduser()
    if preprocessor.kind == "images" and place.exists():
        folder = place.is_dir() and pipeline.find_source(data).source == "images"
        if folder or place.suffix.lower() in EXTENSIONS:
            return load_unsorted(place.absolute(), say)
    dataset = load(_like(trained_on, pipeline.find_source(data)), say)
    _same_kind(preprocessor, dataset, data)
    return dataset


def _like(trained_on: DataSpec | None, spec: DataSpec) -> DataSpec:
    """A text table is read with what the person set for the training data."""
    if trained_on is not None and spec.source == "csv" and trained_on.source in ("csv", "pasted"):
        return replace(spec, csv=trained_on.csv)
    return spec


def _same_kind(preprocessor: Preprocessor, dataset: TableData | ImageData, data: str) -> None:
    if (preprocessor.kind == "images") != isinstance(dataset, ImageData):
        takes, came = ("pictures", "a table") if preprocessor.kind == "images" else ("rows of a table", "pictures")
        raise DataError(f"This model takes {takes}, and this is {came}.", where=data, remedy="Name other data.")


def _card(model: Path) -> Any:
    """What travels beside an exported file."""
    if not model.exists():
        raise ExportError("There is no such project or model.", where=str(model))
    known = model.suffix in (".keras", ".onnx", ".tflite") or (model / "saved_model.pb").is_file()
    if not known:
        raise ExportError(
            "This is neither a project nor an exported model.",
            where=str(model),
            remedy="Name a project folder, a .keras, .onnx or .tflite file, or a SavedModel folder.",
        )
    card = _card_place(model)
    if not card.is_file():
        raise ExportError(
            "The file that names its columns and classes is missing.",
            where=str(card),
            remedy="Keep the .json that was exported beside the model, or predict with the project.",
        )
    found = read_json(card)
    if not isinstance(found, dict) or found.get("format") != "workbench-model" or "preprocessor" not in found:
        raise ExportError("This is not what the workbench writes beside a model.", where=str(card))
    return found


def _card_place(model: Path) -> Path:
    return model / "workbench.json" if model.is_dir() else model.with_name(model.name + ".json")


def find_card(model: Path) -> Any:
    """What the workbench wrote beside an exported file; None when there is nothing."""
    return _card(model) if _card_place(model).is_file() else None


def raw_cells(card: Any, preprocessor: Preprocessor, frame: pd.DataFrame) -> Inputs:
    """Cells as the exported model takes them: float32 (n, 1) with NaN, text with its own word for missing, or float32
    (n, k) of what the card says is encoded beforehand."""
    from workbench.core.data.encode import encode_column
    from workbench.core.data.fitted import BESIDE
    from workbench.core.data.values import MISSING, numbers, text_of

    preprocessor.transform(frame.head(0))  # names the missing columns in plain words
    given: Inputs = {}
    for column, entry in zip(preprocessor.columns, card["inputs"], strict=True):
        cells = frame[column.name]
        if column.encoder in BESIDE:
            given[entry["name"]] = encode_column(column, cells)
        elif entry["type"] == "string":
            given[entry["name"]] = np.array([text_of(c) or MISSING for c in cells.astype(object)], np.str_)[:, None]
        else:
            given[entry["name"]] = numbers(cells, column.name).astype(np.float32)[:, None]
    return given


def _table(
    preprocessor: Preprocessor,
    y: np.ndarray[Any, Any],
    kind: str,
    names: Sequence[Any],
    taken: np.ndarray[Any, Any],
    card: Any,
    notes: tuple[str, ...],
) -> Answers:
    """taken: for each answer the place of its name; places without one stay empty."""
    target = preprocessor.target
    if card is not None and target is not None and target.task == "regression":
        # The exported file answers in the person's units already.
        answer = Answer(target.name, values=np.asarray(y, np.float64).ravel())
    else:
        answer = preprocessor.decode(y)

    def spread(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        out = np.full(len(names), "" if values.dtype == object else np.nan, values.dtype)
        out[taken] = values
        return out

    if answer.values is not None:
        # A model reckons with seven or eight figures; more would be noise.
        values = np.array([float(f"{value:.8g}") for value in answer.values])
        return Answers((kind, answer.target), (names, spread(values)), notes)
    assert answer.probabilities is not None
    best = spread(answer.probabilities.max(axis=1))
    each = tuple(spread(p) for p in answer.probabilities.T)
    header = (kind, answer.target, "probability", *(f"p({name})" for name in answer.classes))
    return Answers(header, (names, spread(np.array(answer.labels, object)), best, *each), notes)
