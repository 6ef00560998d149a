"""What was fitted on the training rows, and the way from raw cells and pictures to arrays and back.

A `Preprocessor` travels with every run and every export. It is plain data: JSON in, JSON out, never pickle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.codec import decode, encode
from workbench.core.errors import FeatureError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import ImageFeature, Json, Step
from workbench.core.wording import plural

from .answer import Answer, answer_of, learnt_of, width_of
from .dataset import Folders
from .fitted import PICTURE, FittedColumn, RowField
from .input_groups import SCALES, TABLE_INPUT, grouped, image_facts
from .sequence_windows import FittedSequence

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "IMAGE_INPUT",
    "SEQUENCE_INPUT",
    "TABLE_INPUT",
    "FittedColumn",
    "Preprocessor",
    "RowField",
    "image_preprocessor",
]

VERSION = 1
IMAGE_INPUT = "image"
SEQUENCE_INPUT = "sequence"

Floats = np.ndarray[Any, np.dtype[np.float32]]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Preprocessor:
    """kind: "table" (columns), "images" (image) or "sequences" (sequence). target: None when there is nothing to
    compare answers with. more: further targets of a table. weight: the column of the weights of rows, or "".

    recipe: the cleaning steps that raw rows go through before `transform`, with what they read off the training table
    written into them, and text_columns: those its reader took for text; see `replay`.
    """

    kind: str
    columns: tuple[FittedColumn, ...] = ()
    image_feature: ImageFeature | None = None
    target: TargetFacts | None = None
    version: int = VERSION
    recipe: tuple[Step, ...] = ()
    text_columns: tuple[str, ...] = ()
    sequence: FittedSequence | None = None
    more: tuple[TargetFacts, ...] = ()
    weight: str = ""

    # ---- shape of what the model sees --------------------------------------------------------------------------

    @property
    def width(self) -> int:
        """Numbers in one row, of all inputs together."""
        return sum(c.width for c in self.columns)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the numbers in one row: the column, or "column = category" and the like."""
        return tuple(name for c in self.columns for name in c.number_names)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.target.classes if self.target else ()

    @property
    def targets(self) -> tuple[TargetFacts, ...]:
        """All that is predicted, in order."""
        return ((self.target,) if self.target is not None else ()) + self.more

    @property
    def inputs(self) -> tuple[InputFacts, ...]:
        """The model's inputs as they are stored."""
        if self.sequence is not None:
            return (InputFacts(SEQUENCE_INPUT, "sequence", self.sequence.shape),)
        if self.image_feature is None:
            groups = grouped(self.columns)
            return tuple(g.facts for g in groups) or (InputFacts(TABLE_INPUT, "table", (0,)),)
        return (image_facts(IMAGE_INPUT, self.image_feature),)

    def facts(self, rows: Mapping[str, int]) -> DataFacts:
        return DataFacts(self.kind, self.inputs, self.target, dict(rows), self.weight, self.more)

    @property
    def row_fields(self) -> tuple[RowField, ...]:
        """The form of one row, a field a column; the defaults are the training rows' median or commonest category."""
        return tuple(c.row_field for c in self.columns)

    # ---- from raw to arrays ------------------------------------------------------------------------------------

    def transform(self, frame: pd.DataFrame) -> Floats:
        """Raw cells as numbers, those of all columns side by side: float32 (n, width), to be looked at. What the model
        takes is `arrays`. Columns beyond the inputs are not looked at.

        Raises:
            FeatureError: an input column is absent, or a cell of a number column is text (column, row and value named).
        """
        from .encode import encode_column

        self._check_columns(frame)
        out = np.zeros((len(frame), self.width), np.float32)
        at = 0
        for column in self.columns:
            if column.width:
                encode_column(column, frame[column.name], out[:, at : at + column.width])
            at += column.width
        return out

    def arrays(self, frame: pd.DataFrame, folder: Folders = "") -> dict[str, np.ndarray[Any, Any]]:
        """Raw cells as the model takes them: {input name: array (n, *shape) of the input's dtype}.

        folder: from which the paths of pictures count, see `folders_of`; "" when there is none.

        Raises:
            FeatureError: as `transform`, or a picture cannot be read.
        """
        made, without = self.readable(frame, folder)
        if without:
            row, why = without[0]
            where = f"row {row + 1}" if len(frame) > 1 else ""  # a row typed into a form is the only one
            raise FeatureError(why, where=where, remedy="Choose another picture, or put it where it was.")
        return made

    def readable(
        self, frame: pd.DataFrame, folder: Folders = ""
    ) -> tuple[dict[str, np.ndarray[Any, Any]], tuple[tuple[int, str], ...]]:
        """As `arrays`, and (place, why) of the rows that have a picture which cannot be read: it is black there."""
        from .encode import encode_column

        self._check_columns(frame)
        made: dict[str, np.ndarray[Any, Any]] = {}
        without: dict[int, str] = {}
        for group in grouped(self.columns):
            if group.columns[0][0].encoder == PICTURE:
                from .picture_column import read_cells

                made[group.facts.name], bad = read_cells(group.columns[0][0], frame[group.columns[0][0].name], folder)
                without = bad | without
                continue
            out = made[group.facts.name] = np.zeros((len(frame), *group.facts.shape), group.facts.dtype)
            at = 0
            for column, _ in group.columns:
                encode_column(column, frame[column.name], out[:, at : at + column.width])
                at += column.width
        return made, tuple(sorted(without.items()))

    def _check_columns(self, frame: pd.DataFrame) -> None:
        from .values import shown

        absent = [c.name for c in self.columns if c.name not in frame.columns]
        if absent:
            listed = ", ".join(f'"{name}"' for name in absent[:5]) + (" and others" if len(absent) > 5 else "")
            raise FeatureError(
                f"The table lacks {plural(len(absent), 'column')} of the model: {listed}.",
                where=f"columns here: {shown(', '.join(map(str, frame.columns)), 120)}",
                remedy="Use a table with the same columns as the training data, spelled the same way.",
            )

    def row_arrays(self, values: Mapping[str, object], folder: str = "") -> dict[str, np.ndarray[Any, Any]]:
        """One row typed into a form as the model takes it, see `arrays`; None or "" is a missing cell."""
        return self.arrays(_row(values), folder)

    @property
    def pictures(self) -> tuple[FittedColumn, ...]:
        """The columns of a table that name picture files."""
        return tuple(c for c in self.columns if c.encoder == PICTURE)

    def image(self, pixels: np.ndarray[Any, Any]) -> Pixels:
        """A picture as the model sees it before scaling, uint8 (height, width, channels).

        Args:
            pixels: uint8 (H, W), (H, W, 1), (H, W, 3) or (H, W, 4; transparency is laid on white), before the recipe's
                steps. One that already has the right shape comes back as it is, when there are no such steps.

        Raises:
            FeatureError: the model takes no pictures, or this array is not one.
        """
        from .picture_changes import changed
        from .resize import as_picture, to_shape

        if self.image_feature is None:
            raise FeatureError("This model takes rows of a table, not pictures.", remedy="Give it a row or a CSV file.")
        if self.recipe:
            pixels = changed(as_picture(pixels), self.recipe)
        return to_shape(pixels, self.image_feature)

    def encode_target(self, cells: pd.Series[Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.int64]]]:
        """The target column as the model learns it.

        Returns:
            y: int32 (n,) class numbers, -1 where unknown; for regression float32 (n, 1), NaN where missing.
            unknown: int64, positions of rows whose target is missing or is a class the training rows did not have; see
                `class_numbers` for those that are spelled a little otherwise.

        Raises:
            FeatureError: there is no target, or a cell of a number target is text.
        """
        return learnt_of(self._target(), cells)

    def encode_targets(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """All targets as `Part.y` holds them: of one as `encode_target`; of several float32 (n, targets), class numbers
        and scaled numbers, NaN where unknown, also throughout a column that the table lacks; where the input itself is
        rebuilt float32 (n, 0).

        Raises:
            FeatureError: there is no target, or a cell of a number target is text.
        """
        first = self._target()
        if first.task == "reconstruction":
            return np.zeros((len(frame), 0), np.float32)
        if not self.more:
            return learnt_of(first, frame[first.name])[0]
        made = np.full((len(frame), 1 + len(self.more)), np.nan, np.float32)
        for at, target in enumerate(self.targets):
            if target.name in frame.columns:
                y, unknown = learnt_of(target, frame[target.name])
                made[:, at] = y.reshape(-1)
                made[unknown, at] = np.nan
        return made

    # ---- and back ----------------------------------------------------------------------------------------------

    def decode(self, y: np.ndarray[Any, Any]) -> Answer:
        """The model's output (n, units) in the person's words and units; of several targets, the first.

        One unit for two classes is the probability of the second class; else one unit a class. A regression answer is
        y * scale + offset. A rebuilt input stays in the numbers the model sees.

        Raises:
            FeatureError: the number of units does not fit the target.
        """
        return self.answers(y)[0]

    def answers(self, y: np.ndarray[Any, Any]) -> tuple[Answer, ...]:
        """The model's output in the person's words and units, an answer a target in their order.

        Args:
            y: (n, units) of one target, see `decode`; of several, side by side in the order of `targets`: a number for
                a regression and one for each class, also where there are two.

        Raises:
            FeatureError: the number of units does not fit the targets.
        """
        self._target()
        y = np.asarray(y)
        y = y[:, None] if y.ndim == 1 else y.reshape(len(y), math.prod(y.shape[1:]))
        if not self.more:
            return (answer_of(self._target(), y),)
        widths = [width_of(t) for t in self.targets]
        if y.shape[1] != sum(widths):
            raise FeatureError(
                f"The model gives {y.shape[1]:,} numbers a row, and its {len(widths):,} targets need {sum(widths):,}.",
                remedy="Give every Output as many units as its target needs.",
            )
        pieces = np.split(y, np.cumsum(widths)[:-1], axis=1)
        return tuple(answer_of(t, piece) for t, piece in zip(self.targets, pieces, strict=True))

    def truths(self, y: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
        """`Part.y` as an array a target, each as with it alone: int32 (n,) class numbers, or float32 (n, 1)."""
        if not self.more:
            return (y,)
        columns = zip(self.targets, np.asarray(y).T, strict=True)
        return tuple(
            np.nan_to_num(c, nan=-1.0).astype(np.int32) if t.task == "classification" else c[:, None]
            for t, c in columns
        )

    def unscale(self, y: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Regression targets or answers of the first target in the person's units, float64 of the same shape."""
        target = self._target()
        return np.asarray(y, np.float64) * target.scale + target.offset

    def _target(self) -> TargetFacts:
        if self.target is None:
            raise FeatureError("No target is chosen.", where="features", remedy="Choose the column to predict.")
        return self.target

    # ---- on disk -----------------------------------------------------------------------------------------------

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, raw: Json) -> Preprocessor:
        """Raises ProjectError when a value does not fit, FeatureError when a newer workbench wrote it."""
        version = raw.get("version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise FeatureError(
                "The preprocessing was saved by a newer workbench.",
                where="preprocessor",
                remedy="Update the workbench.",
            )
        return decode(cls, raw, "preprocessor")


def _row(values: Mapping[str, object]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series([v], dtype=object) for name, v in values.items()})


def image_preprocessor(image: ImageFeature, classes: Sequence[str], target: str = "class") -> Preprocessor:
    """For pictures labelled with `classes`; `image` has its height, width and channels filled in."""
    if image.scale not in SCALES:
        raise FeatureError(f'There is no pixel scale "{image.scale}".', where="features", remedy='Use "/255".')
    return Preprocessor("images", (), image, TargetFacts(target, "classification", tuple(classes)))


def picture_rebuilder(image: ImageFeature) -> Preprocessor:
    """For pictures that are to be rebuilt, whatever classes they may have; see `image_preprocessor`."""
    made = image_preprocessor(image, ())
    info = made.inputs[0]
    bounds = (info.offset, 255.0 * info.scale + info.offset)
    return replace(made, target=TargetFacts(info.name, "reconstruction", shape=info.shape, bounds=bounds))
