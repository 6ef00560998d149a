"""What an audit says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.core.project import Project

Offer = tuple[str, Callable[[Project], Project]]
"""(label of the button, undoable edit)"""


@dataclass(frozen=True)
class Finding:
    """Something to look at before training.

    severity: "error" | "warning" | "info". title: a few words. text: one or two sentences. column: "" when it is
    about the whole. remedy: an undoable edit, with `remedy_label` on its button; None when there is none. others:
    further ones to choose from, (label, edit).
    """

    severity: str
    title: str
    text: str
    column: str = ""
    remedy_label: str = ""
    remedy: Callable[[Project], Project] | None = None
    others: tuple[Offer, ...] = ()

    @classmethod
    def of(cls, severity: str, title: str, text: str, column: str, offers: Sequence[Offer]) -> Finding:
        """With these remedies, the one to be preferred first; there may be none."""
        if not offers:
            return cls(severity, title, text, column)
        return cls(severity, title, text, column, *offers[0], tuple(offers[1:]))

    @property
    def remedies(self) -> tuple[Offer, ...]:
        """All of them, (label, edit), the one to be preferred first."""
        first = ((self.remedy_label, self.remedy),) if self.remedy is not None else ()
        return (*first, *self.others)
