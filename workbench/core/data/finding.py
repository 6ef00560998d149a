"""What an audit says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workbench.core.project import Project


@dataclass(frozen=True)
class Finding:
    """Something to look at before training.

    severity: "error" | "warning" | "info". title: a few words. text: one or two sentences. column: "" when it is
    about the whole. remedy: an undoable edit, with `remedy_label` on its button; None when there is none.
    """

    severity: str
    title: str
    text: str
    column: str = ""
    remedy_label: str = ""
    remedy: Callable[[Project], Project] | None = None
