"""What the Test page needs of a run, read from its folder and its arrays. Called on pool threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.codec import encode
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.targets import each_target
from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts
from workbench.core.project import Project
from workbench.core.reconstruction import rebuilds
from workbench.core.runs import RunRecord, read_facts, read_preprocessor, read_project, read_run
from workbench.core.settings import cache_folder
from workbench.ui.test.pad_image import PadStyle, style_of

if TYPE_CHECKING:
    from workbench.core.data.prepared import Part, Prepared

LOOKED_AT = 300  # training pictures the pad's style is measured on
PARTS = ("test", "validation", "train")


@dataclass(frozen=True, eq=False)
class Question:
    """One thing asked of the model. x: {input: array (1, *shape)} as prepared. truth: class name or value, if known.

    number: rises with every question, so that a late answer to an older one is told.
    """

    x: Mapping[str, np.ndarray]
    number: int
    truth: Any = None  # of several targets one each
    caption: str = ""


@dataclass(frozen=True, eq=False)
class Context:
    """A run that can be asked.

    part: the part it is tested on, the first of PARTS that has rows; "" when its arrays are gone (`missing` says why).
    style: of the training pictures.
    """

    folder: Path
    record: RunRecord
    project: Project
    facts: DataFacts
    preprocessor: Preprocessor
    prepared: Prepared | None
    part: str
    style: PadStyle
    missing: str = ""

    @property
    def images(self) -> bool:
        return self.preprocessor.kind == "images"

    @property
    def pictures(self) -> tuple[str, ...]:
        """The inputs of a table that are pictures."""
        return tuple(c.input for c in self.preprocessor.pictures)

    @property
    def folder_of_table(self) -> str:
        """Where the table lay that was trained on; "" when it lay nowhere."""
        data = self.project.data
        return str(Path(data.path).parent) if data is not None and data.source not in ("sample", "pasted") else ""

    @property
    def series(self) -> bool:
        return self.preprocessor.kind == "sequences"

    @property
    def rebuilds(self) -> bool:
        """Whether the model answers with its input."""
        return rebuilds(self.preprocessor.target)

    @property
    def things(self) -> str:
        """What it is asked about, in the plural."""
        return {"images": "pictures", "sequences": "windows"}.get(self.preprocessor.kind, "rows")

    @property
    def input_name(self) -> str:
        return self.preprocessor.inputs[0].name

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the pictures."""
        height, width, channels = self.preprocessor.inputs[0].shape
        return height, width, channels

    def tested(self) -> Part:
        """The arrays of the part it is tested on (memory-mapped)."""
        assert self.prepared is not None
        return self.prepared.part(self.part)

    def truth(self, y: np.ndarray) -> Any:
        """What one row's prepared y says in the person's words: a class name, or a number in their units; of several
        targets one each in their order. None where the input is rebuilt, which is its own truth."""
        if self.rebuilds:
            return None
        if not self.preprocessor.more:
            return _told(self.preprocessor, y)
        known = self.preprocessor.truths(np.asarray(y)[None])
        return tuple(_told(one, own) for one, own in zip(each_target(self.preprocessor), known, strict=True))


def _told(preprocessor: Preprocessor, y: np.ndarray) -> str | float:
    target = preprocessor.target
    assert target is not None
    if target.task == "classification":
        return target.classes[int(np.asarray(y).reshape(-1)[0])]
    return float(preprocessor.unscale(np.asarray(y)).reshape(-1)[0])


def load_context(folder: Path) -> Context:
    """Raises WorkbenchError when the run's folder is damaged.

    Arrays that are gone are made again; where that cannot be, the context has no part to test on.
    """
    from workbench.core.data.pipeline import restore

    record, project, facts = read_run(folder), read_project(folder), read_facts(folder)
    preprocessor = Preprocessor.from_json(read_preprocessor(folder))
    prepared: Any = None
    part = missing = ""
    style = PadStyle()
    try:
        prepared = restore(folder, cache_folder())
        part = next((p for p in PARTS if prepared.facts.rows.get(p)), "")
    except WorkbenchError as error:
        missing = f"{error.what} {error.remedy}".strip()
    if prepared is not None and preprocessor.kind == "images" and prepared.facts.rows.get("train"):
        pictures = next(iter(prepared.part("train").x.values()))
        step = max(1, len(pictures) // LOOKED_AT)
        style = style_of(np.asarray(pictures[: step * LOOKED_AT : step]))
    return Context(folder, record, project, facts, preprocessor, prepared, part, style, missing)


def same_data(a: Project, b: Project) -> bool:
    """Whether both read and clean the same rows, so that row numbers mean the same."""

    def essence(project: Project) -> Any:
        data = encode(project.data) if project.data else None
        if data:
            data.pop("fingerprint", None)
        steps = [{k: v for k, v in encode(s).items() if k != "id"} for s in project.recipe if s.enabled]
        return data, steps

    return bool(essence(a) == essence(b))
