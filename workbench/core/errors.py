"""One family of errors for what a person did or met: what happened, where, and what to try.

Anything else that is raised is our own mistake and keeps its traceback.
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Something a person can mend.

    Args:
        what: what happened, one plain sentence ending with a full stop.
        where: the file, line, column, step, node or setting concerned; may be empty.
        remedy: what to try, one plain sentence; may be empty.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.remedy}" if self.remedy else "")


class DataError(WorkbenchError):
    """A source cannot be read, or what was read cannot be used."""


class StepError(WorkbenchError):
    """A cleaning step cannot be applied to the table it meets."""


class FeatureError(WorkbenchError):
    """Roles, encoders or the split do not fit the data."""


class GraphError(WorkbenchError):
    """The layer graph cannot be built."""


class TrainError(WorkbenchError):
    """A run cannot start or cannot go on."""


class OutOfMemory(TrainError):
    """The memory of the machine, or of the device, was not enough to train.

    of_weights: what did not fit belongs to a layer whatever the batches are: its weights, or what an optimizer keeps of
    them.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", of_weights: bool = False) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.of_weights = of_weights


class ExportError(WorkbenchError):
    """A model cannot be written, or the written file does not answer like the model."""


class ProjectError(WorkbenchError):
    """A project folder cannot be read or written."""


class Cancelled(Exception):
    """A job was cancelled by its owner; never shown to a person."""
