"""The one mutable holder of a project, with undo and change notices.

Every change of a person's work goes through `Document.apply`, so undo covers everything. Not thread-safe:
call from the thread that made it (the UI thread, or the main thread of the command line).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .project import Project

Edit = Callable[[Project], Project]


@dataclass(frozen=True)
class Change:
    """What listeners are told. Compare the slices you show by identity: `change.before.graph is change.after.graph`."""

    before: Project
    after: Project
    label: str


@dataclass(frozen=True)
class _Entry:
    before: Project
    after: Project
    label: str
    merge_key: str | None


class Document:
    """Holds the project; `apply` swaps it for another, `undo` and `redo` walk back and forth.

    Args:
        limit: how many undo entries are kept.
    """

    def __init__(self, project: Project | None = None, *, limit: int = 500) -> None:
        self._project = project or Project()
        self._limit = limit
        self._past: list[_Entry] = []
        self._future: list[_Entry] = []
        self._saved: Project | None = self._project
        self._listeners: list[Callable[[Change], None]] = []

    @property
    def project(self) -> Project:
        return self._project

    @property
    def dirty(self) -> bool:
        """True when the project differs from what was last marked as saved."""
        return self._project is not self._saved

    @property
    def undo_label(self) -> str:
        """What undo would take back; "" when there is nothing."""
        return self._past[-1].label if self._past else ""

    @property
    def redo_label(self) -> str:
        return self._future[-1].label if self._future else ""

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after each change. Returns a function that ends it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def apply(self, edit: Edit, label: str, merge_key: str | None = None) -> bool:
        """Apply a pure edit as one undo step. An edit that changes nothing leaves no trace.

        Consecutive edits with the same `merge_key` (a slider being dragged, a name being typed) become one step.
        Returns whether the project changed.
        """
        before = self._project
        after = edit(before)
        if after is before or after == before:
            return False
        last = self._past[-1] if self._past else None
        if merge_key is not None and last is not None and last.merge_key == merge_key and not self._future:
            self._past[-1] = _Entry(last.before, after, label, merge_key)
        else:
            self._past.append(_Entry(before, after, label, merge_key))
            del self._past[: -self._limit]
        self._future.clear()
        self._move(before, after, label)
        return True

    def amend(self, edit: Edit, label: str) -> bool:
        """Apply what follows by itself from the last step (a proposed model once the data is known) as part of it:
        undo takes both back together. Without a last step it becomes part of what was opened.
        Returns whether the project changed.
        """
        before = self._project
        after = edit(before)
        if after is before or after == before:
            return False
        if self._past:
            last = self._past[-1]
            self._past[-1] = _Entry(last.before, after, last.label, last.merge_key)
        self._move(before, after, label)
        return True

    def end_merge(self) -> None:
        """Close the current merge: the next edit is a step of its own even with the same key."""
        if self._past and self._past[-1].merge_key is not None:
            last = self._past[-1]
            self._past[-1] = _Entry(last.before, last.after, last.label, None)

    def undo(self) -> bool:
        """Take the last step back. False when there is none."""
        if not self._past:
            return False
        entry = self._past.pop()
        self._future.append(entry)
        self._move(entry.after, entry.before, f"Undo {entry.label}")
        return True

    def redo(self) -> bool:
        """Do the last undone step again. False when there is none."""
        if not self._future:
            return False
        entry = self._future.pop()
        self._past.append(entry)
        self._move(entry.before, entry.after, f"Redo {entry.label}")
        return True

    def replace(self, project: Project, *, saved: bool = True) -> None:
        """Put another project in (opened, new): the undo history ends here."""
        before = self._project
        self._past.clear()
        self._future.clear()
        if saved:
            self._saved = project
        self._move(before, project, "Open")

    def mark_saved(self, project: Project | None = None) -> None:
        """Remember what is on disk (the current project unless another is given)."""
        self._saved = project if project is not None else self._project

    def _move(self, before: Project, after: Project, label: str) -> None:
        self._project = after
        change = Change(before, after, label)
        for listener in tuple(self._listeners):
            listener(change)
