"""What a person chooses on the Features page, as edits of the session with their words in the list of undone things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.core import edits
from workbench.core.data.moving import move_to_features, moved_label, whole_columns
from workbench.core.project import Augmentation, ColumnFeature, ImageFeature, SequenceFeature, Split
from workbench.ui.features.columns_model import ALSO, ONLY
from workbench.ui.features.side_panel import REBUILD, TASKS


def rebuilds(session: Any) -> bool:
    """Whether the input itself is what is learnt: no column is a target then."""
    return bool(session.document.project.features.task == REBUILD)


def target_columns(session: Any) -> list[ColumnFeature]:
    """The columns that are predicted."""
    return [] if rebuilds(session) else [c for c in session.features.columns if c.role == "target"]


def give_role(session: Any, names: Sequence[str], role: str) -> None:
    """What columns are for: a role, ONLY (the target alone) or ALSO (a further target). What they are already stays."""
    now = {c.name: c for c in session.features.columns}
    targets = [c.name for c in target_columns(session)]
    if role in ("target", ONLY):
        name = names[0]
        if name not in targets or (role == ONLY and len(targets) > 1):
            alone = " alone" if len(targets) > 1 else ""
            session.apply(edits.set_target(name, session.features.columns), f"Predict “{name}”{alone}")
    elif role == ALSO:
        fresh = [n for n in names if n not in targets]
        if fresh:
            session.apply(edits.add_targets(fresh, session.features.columns), f"Also predict {_named(fresh)}")
    elif role == "weight":
        if now[names[0]].role != "weight":
            session.apply(edits.set_weight(names[0]), f"Use “{names[0]}” as the weights of rows")
    else:
        changed = tuple(replace(now[n], role=role, encoder=_kept_encoder(now[n])) for n in names if now[n].role != role)
        if changed:
            what = _named([c.name for c in changed])
            session.apply(edits.set_columns(changed), f"Use {what} as input" if role == "input" else f"Ignore {what}")


def set_task(session: Any, task: str) -> None:
    """What is learnt, one of TASKS."""
    if task != session.document.project.features.task:
        title = next(title for name, title, _ in TASKS if name == task)
        session.apply(edits.set_task(task), f"Task: {title.lower()}")


def set_balance(session: Any, balance: str) -> None:
    """What is done about classes of few rows."""
    if balance != session.document.project.features.balance:
        session.apply(edits.set_balance(balance), "Balance the classes")


def set_augmentation(session: Any, augment: Augmentation, what: str) -> None:
    """How training pictures are varied. what: the setting that changed; moves of one slider are one thing to undo."""
    strength = what not in ("enabled", "proposal", "border", "horizontal", "vertical")
    key = f"augment:{what}" if strength else None
    session.apply(edits.set_augmentation(augment), "Vary training pictures", key)


def set_image(session: Any, image: ImageFeature, what: str) -> None:
    """How pictures become numbers. what: the setting that changed, as in the two below."""
    session.apply(edits.set_image(image), f"Change picture {what}")


def set_windows(session: Any, sequence: SequenceFeature, what: str) -> None:
    """How series become windows."""
    session.apply(edits.set_sequence(sequence), f"Change the windows: {what}")


def set_split(session: Any, split: Split, what: str) -> None:
    """Which rows train, validate and test. what: "shares" while they are dragged, which is one thing to undo."""
    session.apply(edits.set_split(split), "Change split", f"split:{what}" if what == "shares" else None)


def fit_on_training_rows(session: Any) -> None:
    """Steps that take something from whole columns become settings of the columns' encoders."""
    found = [w for w in whole_columns(session.project.recipe, session.features) if w.columns]
    edit = move_to_features([w.step.id for w in found], session.features)
    session.apply(edit, moved_label(found))


def _named(names: Sequence[str]) -> str:
    return f"“{names[0]}”" if len(names) == 1 else f"{len(names):,} columns"


def _kept_encoder(column: ColumnFeature) -> str:
    """A former target's or weight's encoder fits no input: the proposal chooses again."""
    return "auto" if column.role in ("target", "weight") else column.encoder
