"""The menus of the canvas: what the thing under the pointer can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from workbench.core.project import Wire
from workbench.ui import theme
from workbench.ui.model.stage import QuickAdd
from workbench.ui.model.verbs import place_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class CanvasMenus:
    """Opens menus and the quick palette for a ModelPage."""

    def __init__(self, page: ModelPage) -> None:
        self._page = page

    def open(self, at: QPointF, place: QPoint) -> QMenu:
        """The menu for what lies at a scene position, shown at a global one."""
        scene = self._page.stage.scene
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = scene.node_at(at)
        line = None if item is not None else scene.wire_at(at)
        if item is not None:
            self._node(menu, item.ident, place)
        elif line is not None:
            self._wire(menu, line.wire, place)
        else:
            self._canvas(menu, at, place)
        menu.popup(place)
        return menu

    def quick(self, title: str, picked: Callable[[str], object], place: QPoint) -> QuickAdd:
        """The palette at the pointer."""
        page = self._page
        pop = QuickAdd(page.session.catalog, title, picked, page.palette_.recent, page)
        pop.open_at(place)
        return pop

    def _node(self, menu: QMenu, ident: str, place: QPoint) -> None:
        page, verbs = self._page, self._page.verbs
        chosen = page.stage.scene.chosen_nodes()
        several = f" {len(chosen)} layers" if len(chosen) > 1 else ""
        kind = verbs.graph.node(ident).kind
        if not several:
            self._add(menu, "pencil-simple", "Edit", page.edit_selected, "Return")
            self._add(menu, "plus", "Add a layer after…", lambda: self.quick("Add after", page.append, place))
            if kind not in ("Input", "Output"):
                self._add(
                    menu,
                    "swap",
                    "Replace by…",
                    lambda: self.quick("Replace by", lambda new: verbs.replace(ident, new), place),
                )
            menu.addSeparator()
        self._add(menu, "copy-simple", f"Duplicate{several}", lambda: verbs.duplicate(chosen), "Ctrl+D")
        self._add(menu, "scissors", f"Cut{several}", lambda: verbs.cut(chosen), "Ctrl+X")
        self._add(menu, "copy", f"Copy{several}", lambda: verbs.copy(chosen), "Ctrl+C")
        menu.addSeparator()
        if not several:
            self._add(menu, "link-break", "Disconnect", lambda: verbs.disconnect_node(ident))
        self._add(menu, "trash", f"Delete{several}", page.delete_selected, "Del")

    def _wire(self, menu: QMenu, wire: Wire, place: QPoint) -> None:
        page, verbs = self._page, self._page.verbs

        def insert(kind: str) -> None:
            page.palette_.remember(kind)
            verbs.put(kind, (0.0, 0.0), wire)

        self._add(menu, "plus", "Insert a layer…", lambda: self.quick("Insert here", insert, place))
        self._add(menu, "trash", "Remove the wire", lambda: verbs.disconnect_wire(wire), "Del")

    def _canvas(self, menu: QMenu, at: QPointF, place: QPoint) -> None:
        page, verbs, view = self._page, self._page.verbs, self._page.stage.view

        def put(kind: str) -> None:
            page.palette_.remember(kind)
            verbs.put(kind, page.stage.scene.free_place(at))

        self._add(menu, "plus", "Add a layer here…", lambda: self.quick("Add a layer", put, place), "/")
        paste = self._add(menu, "clipboard", "Paste", lambda: verbs.paste(place_at(at)), "Ctrl+V")
        paste.setEnabled(verbs.can_paste())
        menu.addSeparator()
        filled = bool(verbs.graph.nodes)
        for icon, title, call, key in (
            ("selection-all", "Select all", page.stage.scene.choose_all, "Ctrl+A"),
            ("tree-structure", "Arrange", verbs.arrange, ""),
            ("corners-out", "Show the whole model", view.fit, "F"),
        ):
            self._add(menu, icon, title, call, key).setEnabled(filled)

    @staticmethod
    def _add(menu: QMenu, icon: str, title: str, call: Callable[[], object], key: str = ""):
        action = menu.addAction(theme.icon(icon), title)
        action.setObjectName(title.split("…")[0].strip().lower().replace(" ", "-"))
        if key:
            # Shown only: the canvas itself hears the key.
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(lambda _=False: call())
        return action
