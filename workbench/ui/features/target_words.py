"""What is predicted, in words."""

from __future__ import annotations

from typing import Any

from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.features.choices import rebuilds, target_columns


def kind_of(target: Any, before: str = "") -> str:
    """What a target is: "3 classes" with something before it, "a number"; "" while it is not known."""
    if target is None:
        return ""
    if target.classes:
        return f"{before}{plural(len(target.classes), 'class', 'classes')}"
    return "a number"


def target_text(session: Any) -> str:
    """What the model is to give back, by the session's data and features."""
    kind = session.dataset.kind
    if kind == "sequences":
        return _of_series(session)
    if rebuilds(session):
        return _rebuilt(session)
    if kind == "images":
        pictures = session.dataset if session.cleaned is None else session.cleaned.data
        return f"The class of the picture, one of {len(pictures.classes)}"
    targets = target_columns(session)
    if not targets:
        return "No target is chosen. Click Target in the line of the column to predict."
    if len(targets) > 1:
        return f"{len(targets)} columns, by a network with {len(targets)} outputs:"
    known = session.preprocessor.targets if session.preprocessor is not None else ()
    said = kind_of(next((t for t in known if t.name == targets[0].name), None), "one of ")
    return f"“{targets[0].name}”" + (f", {said}" if said else "")


def _rebuilt(session: Any) -> str:
    """What an autoencoder has to give back."""
    facts = session.facts
    shape = facts.target.shape if facts is not None and facts.target is not None else ()
    if session.dataset.kind == "images":
        return "The picture itself" + (f", {figures.shape(shape)}" if shape else "")
    columns = sum(c.role == "input" for c in session.features.columns)
    wide = f", as {plural(shape[0], 'number')}" if len(shape) == 1 else ""
    return f"The row itself: {plural(columns, 'column')}{wide}"


def _of_series(session: Any) -> str:
    """What is predicted from a window."""
    sequence, target = session.features.sequence, session.facts and session.facts.target
    classes = f", one of {plural(len(target.classes), 'class', 'classes')}" if target and target.classes else ""
    if sequence.predict == "class":
        return f"The class of the series a window is from{classes}"
    when = f", {plural(sequence.horizon, 'step')} after the window" if sequence.horizon else ""
    return f"“{sequence.target}”{classes}{when or ', at the last step of the window'}"
