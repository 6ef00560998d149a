"""One description of an editable value: forms, validation, help and the command line are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from .project import Json


@dataclass(frozen=True)
class Field:
    """A named, typed value a person can set.

    kind: "int" | "float" | "bool" | "text" | "choice" | "ints" (a tuple of whole numbers, e.g. kernel_size) |
        "floats" (several numbers, e.g. the range a factor is drawn from) |
        "column" (one column's name) | "columns" (several) | "value" (a cell: number or text) |
        "object" (an initializer, regularizer, constraint, schedule or inner layer: {"kind": name, "params": {...}}, a
        bare name, or None; where the default is a number, as of a learning rate, a number too) |
        "objects" (one or several of those, in order: the cells of a recurrent layer).
    choices: for "choice", the values offered; for "object" and "objects", the catalog group ("initializers", ...,
        "layers"), and behind it the names of those that are offered, where not all are.
    minimum, maximum: inclusive bounds of numbers; None when open. optional: None is allowed and means "not set".
    length: for "ints" and "floats", the fixed number of entries; 0 when any. A single number may stand for all entries.
    help: one or two sentences. unit: shown behind the editor ("px", "%"). unset: what an optional value that is not set
        means, where that has a name of its own.
    """

    name: str
    kind: str
    title: str = ""
    default: Json = None
    required: bool = False
    optional: bool = False
    choices: tuple[Json, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    length: int = 0
    help: str = ""
    unit: str = ""
    unset: str = ""

    @property
    def label(self) -> str:
        """The title, or the name with its underscores as spaces."""
        return self.title or self.name.replace("_", " ").capitalize()
