"""Which input of the model some columns go into, as part of a menu: the table, one there is, or one named here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QWidget, QWidgetAction

from workbench.core import edits
from workbench.core.data.input_groups import LONGEST_NAME
from workbench.ui import theme

HELP = "Columns in an input of their own can go through layers of their own before they meet the others."


def add_input_menu(menu: QMenu, now: Sequence[str], known: Sequence[str], asked: Callable[[str], None]) -> QMenu:
    """Append it. now: the input of each column meant ("": the table); known: the inputs that columns were given."""
    inner = menu.addMenu("Goes into")
    inner.setObjectName("inputMenu")
    inner.setToolTipsVisible(True)
    for name in ("", *dict.fromkeys(n for n in known if n)):
        action = inner.addAction(name or "The table")
        action.setToolTip(HELP)
        action.setCheckable(True)
        action.setChecked(all(one == name for one in now))
        action.triggered.connect(lambda _=False, n=name: asked(n))
    inner.addSeparator()
    holder = QWidget(inner)
    row = QHBoxLayout(holder)
    row.setContentsMargins(theme.SPACE * 2, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
    label = QLabel("An input called")
    line = QLineEdit(holder)
    line.setObjectName("inputName")
    line.setMaxLength(LONGEST_NAME)
    line.setPlaceholderText("such as wide")
    label.setBuddy(line)
    row.addWidget(label)
    row.addWidget(line)

    def named() -> None:
        text = line.text().strip()
        if text:
            asked(text)
            menu.close()

    line.returnPressed.connect(named)
    action = QWidgetAction(inner)
    action.setDefaultWidget(holder)
    inner.addAction(action)
    return inner


def set_input(session: Any, names: Sequence[str], name: str) -> None:
    """Put columns into an input of the model, as one step to undo."""
    now = {c.name: c for c in session.features.columns}
    changed = tuple(replace(now[n], input=name) for n in names if n in now and now[n].role == "input")
    if changed:
        many = f"“{names[0]}”" if len(changed) == 1 else f"{len(changed):,} columns"
        session.apply(edits.set_columns(changed), f"Put {many} into {name or 'the table'}")
