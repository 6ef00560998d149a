"""The menus of the canvas: what the thing under the pointer can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from workbench.core.catalog import ENDS, LayerEntry
from workbench.core.project import Wire
from workbench.core.wiring import incoming
from workbench.ui import theme
from workbench.ui.model.fitting import Fit, fits_between
from workbench.ui.model.stage import QuickAdd
from workbench.ui.model.verbs import place_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


def _no_end(entry: LayerEntry) -> str:
    return "is an end" if entry.name in ENDS else ""


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

    def quick(self, title: str, picked: Callable[[str], object], place: QPoint, fit: Fit | None = None) -> QuickAdd:
        """The palette at the pointer, with what fits there."""
        page = self._page
        pop = QuickAdd(page.session.catalog, title, picked, page.palette_, page, fit)
        pop.open_at(place)
        return pop

    def _node(self, menu: QMenu, ident: str, place: QPoint) -> None:
        page, verbs = self._page, self._page.verbs
        chosen = page.stage.scene.chosen_nodes()
        several = f" {len(chosen)} layers" if len(chosen) > 1 else ""
        kind = verbs.graph.node(ident).kind
        if not several:
            self._add(menu, "pencil-simple", "Edit", page.edit_selected, "Return")
            after = fits_between(verbs.graph, page.session.graph_facts, ident)
            if kind != "Output":
                self._add(
                    menu, "plus", "Add a layer after…", lambda: self.quick("Add after", page.append, place, after)
                )
            else:
                self._add(menu, "plus", "Add a layer before…", lambda: self.quick("Add before", page.append, place))
            if kind not in ("Input", "Output"):
                feeding = incoming(verbs.graph, ident)
                instead = fits_between(verbs.graph, page.session.graph_facts, feeding[0].source) if feeding else _no_end
                self._add(
                    menu,
                    "swap",
                    "Replace by…",
                    lambda: self.quick("Replace by", lambda new: verbs.replace(ident, new), place, instead),
                )
            menu.addSeparator()
        self._add(menu, "copy-simple", f"Duplicate{several}", lambda: verbs.duplicate(chosen), "Ctrl+D")
        self._add(menu, "scissors", f"Cut{several}", lambda: verbs.cut(chosen), "Ctrl+X")
        self._add(menu, "copy", f"Copy{several}", lambda: verbs.copy(chosen), "Ctrl+C")
        menu.addSeparator()
        if several:
            self._places(menu, chosen)
        else:
            self._add(menu, "link-break", "Disconnect", lambda: verbs.disconnect_node(ident))
        self._add(menu, "trash", f"Delete{several}", page.delete_selected, "Del")

    def _places(self, menu: QMenu, chosen: list[str]) -> None:
        """Lines and distances of several blocks."""
        verbs = self._page.verbs
        inner = menu.addMenu(theme.icon("align-left"), "Align")
        inner.setObjectName("align")
        for icon, title, edge, key in (
            ("align-left", "Left edges", "left", "Alt+A"),
            ("align-center-vertical", "Centres", "centre", "Alt+H"),
            ("align-right", "Right edges", "right", "Alt+D"),
            ("align-top", "Top edges", "top", "Alt+W"),
            ("align-center-horizontal", "Middles", "middle", "Alt+V"),
            ("align-bottom", "Bottom edges", "bottom", "Alt+S"),
        ):
            self._add(inner, icon, title, lambda edge=edge: verbs.align(chosen, edge), key)
        inner.addSeparator()
        for icon, title, axis in (("columns", "Distribute across", "across"), ("rows", "Distribute down", "down")):
            self._add(inner, icon, title, lambda axis=axis: verbs.distribute(chosen, axis)).setEnabled(len(chosen) > 2)
        self._add(menu, "tree-structure", "Arrange these", lambda: verbs.arrange(chosen))

    def _wire(self, menu: QMenu, wire: Wire, place: QPoint) -> None:
        page, verbs = self._page, self._page.verbs

        def insert(kind: str) -> None:
            page.palette_.remember(kind)
            verbs.put(kind, (0.0, 0.0), wire)

        between = fits_between(verbs.graph, page.session.graph_facts, wire.source)
        self._add(menu, "plus", "Insert a layer…", lambda: self.quick("Insert here", insert, place, between))
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
