"""Answers of a trained model or an exported file to data that comes later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.data import pipeline
from workbench.core.data.answer import Answer, answer_of
from workbench.core.data.arrays import pictures
from workbench.core.data.dataset import BadItem, Dataset, ImageData, SeriesData, TableData, folders_of
from workbench.core.data.image_source import load_unsorted
from workbench.core.data.pictures import EXTENSIONS
from workbench.core.data.prepared import rows_at_once
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.replay import replay
from workbench.core.data.sources import load
from workbench.core.data.targets import unlike
from workbench.core.errors import DataError, ExportError
from workbench.core.project import DataSpec
from workbench.core.reconstruction import rebuilds
from workbench.core.storage import ProjectFolder, read_json
from workbench.headless_engine import Engine, Say
from workbench.headless_rebuilt import block as block_of
from workbench.headless_rebuilt import in_places, rebuilt_table
from workbench.headless_series import new_series, series_answers
from workbench.link import messages as m

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 64 << 20  # bytes of pictures that are asked for at once
PROGRAMS = (".keras", "")  # started anew for each request (SavedModels are folders), so they get larger blocks

Inputs = dict[str, np.ndarray[Any, Any]]


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


def predict(
    engine: Engine, model: Path, run: str, data: str, say: Say | None = None, checkpoint: str = "best"
) -> Answers:
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
            return engine.ask(m.Predict(str(folder), x, checkpoint=checkpoint), m.Predicted).y

        name = preprocessor.inputs[0].name
        if preprocessor.sequence is not None:
            return _of_series(preprocessor, new_series(preprocessor, data, spec), ask, name, False, say)
        return _answers(preprocessor, _new_data(preprocessor, data, spec, say), lambda x: {name: x}, ask, BLOCK, say)
    card = _card(model)
    preprocessor = Preprocessor.from_json(card["preprocessor"])

    outputs = card.get("outputs", ())
    several = tuple(str(o["name"]) for o in outputs) if len(outputs) > 1 else ()

    def ask_file(x: Inputs) -> np.ndarray[Any, Any]:
        return engine.ask(m.PredictFile(str(model.absolute()), x, several), m.Predicted).y

    if preprocessor.sequence is not None:
        series = new_series(preprocessor, data, None)
        return _of_series(preprocessor, series, ask_file, card["inputs"][0]["name"], True, say)

    def pixels(x: np.ndarray[Any, Any]) -> Inputs:
        return {card["inputs"][0]["name"]: x.astype(np.float32)}

    block = BLOCK if model.suffix in PROGRAMS else BLOCK // 16
    dataset = _new_data(preprocessor, data, None, say)
    return _answers(preprocessor, dataset, pixels, ask_file, block, say, card)


def _of_series(
    preprocessor: Preprocessor, data: SeriesData, ask: Any, input_name: str, raw: bool, say: Say | None
) -> Answers:
    header, columns, notes = series_answers(preprocessor, data, ask, input_name, raw, say)
    return Answers(header, columns, notes)


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
    found: list[Any] = []
    keep: Any = partial(block_of, preprocessor, card=card) if rebuilds(preprocessor.target) else _as_it_is
    if isinstance(dataset, TableData):
        cleaned = replay(preprocessor, dataset, every_row=True)
        step = rows_at_once(preprocessor, block)
        names = [int(i) + 1 for i in cleaned.frame.index]
        answered: list[int] = []
        bad: list[BadItem] = []
        for start in range(0, max(1, len(cleaned.frame)), step):
            some = cleaned.frame.iloc[start : start + step]
            folders = folders_of(cleaned, slice(start, start + step))
            plain = card and not preprocessor.pictures  # an exported file encodes the cells itself
            arrays, without = ({}, ()) if plain else preprocessor.readable(some, folders)
            gone = {place for place, _ in without}
            bad += [BadItem(f"row {names[start + place]}", why) for place, why in without]
            kept = [place for place in range(len(some)) if place not in gone]
            answered += [start + place for place in kept]
            if gone:
                some, arrays = some.iloc[kept], {name: x[kept] for name, x in arrays.items()}
            if kept or not names:
                x = raw_cells(card, preprocessor, some, arrays) if card else arrays
                found.append(keep(x, ask(x)))
            _tell(say, start + len(some), len(dataset), "rows")
        if not found:
            raise DataError(f"No row has a picture that can be read; the first: {bad[0].what}", where=bad[0].where)
        notes = (*cleaned.notes, *_unanswered(bad, "rows have no picture that can be read"))
        return _together(preprocessor, found, "row", names, np.asarray(answered), card, notes)
    skipped: list[BadItem] = []
    taken: list[int] = []
    for rows, x in _blocks(dataset, preprocessor, skipped, block):
        given = fed(x)
        found.append(keep(given, ask(given)))
        taken += rows
        _tell(say, len(taken) + len(skipped), len(dataset), "pictures")
    if not found:
        raise DataError(
            f"None of the {len(dataset):,} pictures can be read; the first: {skipped[0].what}", where=skipped[0].where
        )
    names = [dataset.name(i) for i in range(len(dataset))]
    notes = _unanswered(skipped, "pictures cannot be read")
    return _together(preprocessor, found, "picture", names, np.asarray(taken), card, notes)


def _as_it_is(_x: Inputs, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return y


def _together(
    preprocessor: Preprocessor,
    found: list[Any],
    kind: str,
    names: Sequence[Any],
    taken: np.ndarray[Any, Any],
    card: Any,
    notes: tuple[str, ...],
) -> Answers:
    """found: answers, or what is kept of rebuilt inputs, block by block; for the others see `_table`."""
    if rebuilds(preprocessor.target):
        return Answers(*rebuilt_table(found, kind, names, taken), notes)
    return _table(preprocessor, np.concatenate(found), kind, names, taken, card, notes)


def _unanswered(skipped: Sequence[BadItem], what: str) -> tuple[str, ...]:
    notes = tuple(f"{item.where}: {item.what} It has no answer." for item in skipped[:5])
    return (*notes, f"{len(skipped) - 5:,} more {what} and have no answer.") if len(skipped) > 5 else notes


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
    dataset = load(like(trained_on, pipeline.find_source(data)), say)
    check_kind(preprocessor, dataset, data)
    return dataset


def like(trained_on: DataSpec | None, spec: DataSpec) -> DataSpec:
    """The spec, with what the person set for reading the training data when both are text tables."""
    if trained_on is not None and spec.source == "csv" and trained_on.source in ("csv", "pasted"):
        return replace(spec, csv=trained_on.csv)
    return spec


def check_kind(preprocessor: Preprocessor, dataset: Dataset, data: str) -> None:
    """Raises DataError when a model of pictures is given a table, or the other way round."""
    words = {"images": "pictures", "sequences": "series over time", "table": "rows of a table"}
    if preprocessor.kind != dataset.kind:
        takes, came = words[preprocessor.kind], words[dataset.kind].replace("rows of ", "")
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


def raw_cells(card: Any, preprocessor: Preprocessor, frame: pd.DataFrame, pictures: Inputs | None = None) -> Inputs:
    """Cells as the exported model takes them: float32 (n, 1) with NaN, text with its own word for missing, or float32
    (n, k) of what the card says is encoded beforehand; a picture as float32 (n, height, width, channels) from 0 to 255.

    pictures: the arrays of these rows by input, where the model takes some.
    """
    from workbench.core.data.encode import encode_column
    from workbench.core.data.fitted import BESIDE, PICTURE
    from workbench.core.data.values import MISSING, numbers, text_of

    preprocessor.transform(frame.head(0))  # names the missing columns in plain words
    given: Inputs = {}
    columns = {column.name: column for column in preprocessor.columns}
    for entry in card["inputs"]:
        column = columns[entry["column"]]
        cells = frame[column.name]
        if column.encoder == PICTURE:
            assert pictures is not None  # whoever asks has read them
            given[entry["name"]] = pictures[column.input].astype(np.float32)
        elif column.encoder in BESIDE:
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
    answers = of_file(preprocessor, y, card) if card is not None else preprocessor.answers(y)
    spread = partial(in_places, taken=taken, places=len(names))
    header: list[str] = []
    columns: list[Sequence[Any]] = [names]
    for answer in answers:
        of = f"{answer.target}: " if len(answers) > 1 else ""
        header.append(answer.target)
        if answer.values is not None:
            # A model reckons with seven or eight figures; more would be noise.
            columns.append(spread(np.array([float(f"{value:.8g}") for value in answer.values])))
            continue
        assert answer.probabilities is not None
        columns += [spread(np.array(answer.labels, object)), spread(answer.probabilities.max(axis=1))]
        columns += [spread(p) for p in answer.probabilities.T]
        header += [f"{of}probability", *(f"{of}p({name})" for name in answer.classes)]
    if len(answers) > 1:
        header = unlike(header, (kind,))
    return Answers((kind, *header), tuple(columns), notes)


def of_file(preprocessor: Preprocessor, y: np.ndarray[Any, Any], card: Any) -> tuple[Answer, ...]:
    """The answers of an exported file, whose regressions are in the person's units already. y: (n, numbers of all)."""
    targets = preprocessor.targets
    widths = (
        [int(o["units"]) for o in card.get("outputs", ())] if len(targets) > 1 else [y.shape[1] if y.ndim > 1 else 1]
    )
    pieces = np.split(np.asarray(y).reshape(len(y), -1), np.cumsum(widths)[:-1], axis=1)
    return tuple(
        Answer(t.name, values=np.asarray(piece, np.float64).ravel()) if t.task == "regression" else answer_of(t, piece)
        for t, piece in zip(targets, pieces, strict=True)
    )
