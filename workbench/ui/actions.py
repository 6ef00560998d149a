"""The table of actions made live for one window: QActions, menus, and whether each can be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from . import theme
from .action import Action
from .action_table import ACTIONS
from .recent_menu import RecentMenu

if TYPE_CHECKING:
    from .window import MainWindow


class ActionSet:
    """The table made live for one window: QActions by id, menus, and their enabled states."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}
        self.table: dict[str, Action] = {a.id: a for a in ACTIONS if a is not None}
        groups: dict[str, QActionGroup] = {}
        for entry in self.table.values():
            made = QAction(entry.text, window)
            made.setObjectName(f"action_{entry.id}")
            if entry.shortcut:
                made.setShortcut(QKeySequence(entry.shortcut))
            if entry.shown_keys:
                made.setText(f"{entry.text}\t{entry.shown_keys}")
            if entry.help:
                made.setToolTip(entry.help)
            made.setCheckable(entry.checked is not None)
            if entry.group:
                group = groups.setdefault(entry.group, QActionGroup(window))
                group.addAction(made)
            made.triggered.connect(lambda _=False, entry=entry: self.run(entry.id))
            window.addAction(made)
            self.actions[entry.id] = made
        self.refresh()

    def run(self, action_id: str) -> None:
        """Do it, if it can be done now."""
        entry = self.table[action_id]
        if entry.enabled(self._window):
            entry.do(self._window)
        self.refresh()

    def refresh(self) -> None:
        """Ask every action whether it can be done now."""
        for entry in self.table.values():
            made = self.actions[entry.id]
            made.setEnabled(entry.enabled(self._window))
            if entry.checked is not None:
                made.setChecked(entry.checked(self._window))
        document = self._window.session.document
        self.actions["undo"].setText(f"Undo {_lower(document.undo_label)}".rstrip())
        self.actions["redo"].setText(f"Redo {_lower(document.redo_label)}".rstrip())

    def fill(self, bar: QMenuBar) -> None:
        """Make the menus. Icons come when a menu is first opened: they would cost the start of the window."""
        menus: dict[str, QMenu] = {}
        last = ""
        separate = False
        for entry in ACTIONS:
            if entry is None:
                separate = True
                continue
            if not entry.menu:
                continue
            menu = self._menu(bar, menus, entry.menu)
            top = entry.menu.split("/")[0]
            if separate and last == top:
                menus[top].insertSeparator(self._before(menus, entry)) if "/" in entry.menu else menu.addSeparator()
            separate, last = False, top
            menu.addAction(self.actions[entry.id])
            if entry.id == "open_project":
                menu.addMenu(RecentMenu(self._window.session, menu))

    def _before(self, menus: dict[str, QMenu], entry: Action) -> QAction:
        return menus[entry.menu].menuAction()

    def _menu(self, bar: QMenuBar, menus: dict[str, QMenu], path: str) -> QMenu:
        if path not in menus:
            parent, _, title = path.rpartition("/")
            made = self._menu(bar, menus, parent).addMenu(title) if parent else bar.addMenu(f"&{title}")
            made.setObjectName("menu_" + path.lower().replace("/", "_"))
            made.setToolTipsVisible(True)
            made.aboutToShow.connect(lambda path=path: self._about_to_show(path))
            menus[path] = made
        return menus[path]

    def _about_to_show(self, path: str) -> None:
        self.refresh()
        for entry in self.table.values():
            if entry.menu == path and entry.icon and self.actions[entry.id].icon().isNull():
                self.actions[entry.id].setIcon(theme.icon(entry.icon, "muted"))


def _lower(label: str) -> str:
    """A label as the end of a sentence, its names kept: "Add Dense" -> "add Dense"."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
