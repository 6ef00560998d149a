"""The menus of the canvas: what the thing under the pointer can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import QMenu

from workbench.core.catalog import ENDS, LayerEntry
from workbench.core.edits_groups import COLOURS
from workbench.core.project import Wire
from workbench.core.wiring import incoming
from workbench.ui import theme
from workbench.ui.model.fitting import fits_between
from workbench.ui.model.library import is_piece
from workbench.ui.model.verbs import place_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


def _no_end(entry: LayerEntry) -> str:
    return "is an end" if entry.name in ENDS else ""


class CanvasMenus:
    """Opens menus for a ModelPage."""

    def __init__(self, page: ModelPage) -> None:
        self._page = page

    def open(self, at: QPointF, place: QPoint) -> QMenu:
        """The menu for what lies at a scene position, shown at a global one."""
        scene = self._page.stage.scene
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = scene.node_at(at)
        frame = scene.frame_at(at) if item is None else None
        line = scene.wire_at(at) if item is None and frame is None else None
        chosen = scene.chosen_group()
        if chosen and (frame is not None or (item is not None and item.isSelected())):
            self._group(menu, chosen, place)
        elif item is not None:
            self._node(menu, item.ident, place)
        elif line is not None:
            self._wire(menu, line.wire, place)
        elif (note := scene.note_at(at)) is not None:
            self._note(menu, note.ident)
        else:
            self._canvas(menu, at, place)
        menu.popup(place)
        return menu

    def _group(self, menu: QMenu, ident: str, place: QPoint) -> None:
        page, verbs, grouping = self._page, self._page.verbs, self._page.grouping
        here = grouping.find(ident)
        if here is None:
            return
        chosen, folded = page.wishes.chosen(), here.folded
        icon = "arrows-out-line-vertical" if folded else "arrows-in-line-vertical"
        self._add(menu, icon, "Open" if folded else "Fold", lambda: grouping.fold(ident, not folded), "Return")
        self._add(menu, "pencil-simple", "Rename…", lambda: grouping.begin_rename(ident), "F2")
        if anchors := page.wishes.anchors():
            after = fits_between(verbs.graph, page.session.graph_facts, anchors[-1])
            self._add(
                menu,
                "plus",
                "Add a layer after…",
                lambda: page.quick.open("Add after", page.append, place, after, anchors[-1]),
            )
        menu.addSeparator()
        self._add(menu, "repeat", "Repeat…", lambda: grouping.repeat(ident))
        self._add(menu, "bookmark-simple", "Keep as a block…", lambda: grouping.keep(ident))
        self._add(menu, "selection-slash", "Ungroup", grouping.ungroup, "Ctrl+Shift+G")
        menu.addSeparator()
        self._copies(menu, chosen, f" {here.name}")
        self._sharing(menu, chosen)
        menu.addSeparator()
        if not folded and len(chosen) > 1:
            self._places(menu, chosen)
        self._add(menu, "link-break", "Disconnect", lambda: verbs.disconnect_nodes(chosen))
        self._add(menu, "trash", f"Delete {here.name}", page.delete_selected, "Del")

    def _copies(self, menu: QMenu, chosen: list[str], what: str) -> None:
        verbs = self._page.verbs
        self._add(menu, "copy-simple", f"Duplicate{what}", lambda: verbs.duplicate(chosen), "Ctrl+D")
        self._add(menu, "scissors", f"Cut{what}", lambda: verbs.cut(chosen), "Ctrl+X")
        self._add(menu, "copy", f"Copy{what}", lambda: verbs.copy(chosen), "Ctrl+C")

    def _sharing(self, menu: QMenu, chosen: list[str]) -> None:
        """Using layers at several places, where the selected ones can be or are."""
        sharing = self._page.sharing
        if not (sharing.can_use_again() or sharing.can_give_own()):
            return
        menu.addSeparator()
        if sharing.can_use_again():
            words = sharing.again_words(chosen)
            self._add(menu, "link-simple", words, sharing.use_again, "Ctrl+Shift+D").setObjectName("use-once-more")
        if sharing.can_join():
            words = f"Use one layer for these {len(chosen)}"
            self._add(menu, "git-merge", words, sharing.join).setObjectName("use-one-layer")
        if sharing.can_give_own():
            several = len(chosen) > 1
            words = "Give them their own layers" if several else "Give it its own layer"
            self._add(menu, "link-simple-break", words, sharing.give_own).setObjectName("give-own-layer")
            self._add(menu, "eye", "Show all its places", sharing.show_places).setObjectName("show-places")

    def _node(self, menu: QMenu, ident: str, place: QPoint) -> None:
        page, verbs = self._page, self._page.verbs
        shown = page.stage.scene.chosen_nodes()
        chosen = page.wishes.chosen()
        several = f" {len(chosen):,} layers" if len(shown) > 1 else ""
        if not several:
            kind = verbs.graph.node(ident).kind
            self._add(menu, "pencil-simple", "Edit", page.edit_selected, "Return")
            after = fits_between(verbs.graph, page.session.graph_facts, ident)
            if kind != "Output":
                self._add(
                    menu,
                    "plus",
                    "Add a layer after…",
                    lambda: page.quick.open("Add after", page.append, place, after, ident),
                )
            else:
                self._add(
                    menu, "plus", "Add a layer before…", lambda: page.quick.open("Add before", page.append, place)
                )
            if kind not in ("Input", "Output"):
                feeding = incoming(verbs.graph, ident)
                instead = fits_between(verbs.graph, page.session.graph_facts, feeding[0].source) if feeding else _no_end
                self._add(
                    menu,
                    "swap",
                    "Replace by…",
                    lambda: page.quick.open("Replace by", lambda new: verbs.replace(ident, new), place, instead, None),
                )
            menu.addSeparator()
        self._add(menu, "selection-plus", f"Group{several or ' this layer'}", page.grouping.make, "Ctrl+G")
        if any(verbs.graph.node(i).group for i in chosen):
            self._add(menu, "selection-slash", "Ungroup", page.grouping.ungroup, "Ctrl+Shift+G")
        menu.addSeparator()
        self._copies(menu, chosen, several)
        self._sharing(menu, chosen)
        menu.addSeparator()
        if several:
            self._places(menu, chosen)
        else:
            self._add(menu, "link-break", "Disconnect", lambda: verbs.disconnect_nodes([ident]))
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
            if is_piece(kind):
                page.grouping.append(kind, wires)
                return
            page.palette_.remember(kind)
            verbs.put(kind, (0.0, 0.0), wires)

        wires = page.wishes.wires([wire])
        source = wires[0].source
        between = fits_between(verbs.graph, page.session.graph_facts, source)
        self._add(
            menu, "plus", "Insert a layer…", lambda: page.quick.open("Insert here", insert, place, between, source)
        )
        self._add(menu, "trash", "Remove the wire", lambda: verbs.disconnect_wires(wires), "Del")

    def _note(self, menu: QMenu, ident: str) -> None:
        page, noting = self._page, self._page.noting
        things = page.wishes.chosen_things()
        self._add(menu, "pencil-simple", "Write", lambda: noting.edit(ident), "Return")
        inner = menu.addMenu(theme.icon("circle-half"), "Colour")
        inner.setObjectName("note-colour")
        for number in range(COLOURS):
            swatch = QPixmap(16, 16)
            swatch.fill(theme.class_color(number))
            inner.addAction(QIcon(swatch), f"Colour {number + 1}").triggered.connect(
                lambda _=False, number=number: noting.colour(ident, number)
            )
        menu.addSeparator()
        several = " what is selected" if len(things) > 1 else ""
        self._copies(menu, things, several)
        menu.addSeparator()
        self._add(menu, "trash", f"Delete{several}", page.delete_selected, "Del")

    def _canvas(self, menu: QMenu, at: QPointF, place: QPoint) -> None:
        page, verbs, view = self._page, self._page.verbs, self._page.stage.view

        self._add(menu, "plus", "Add a layer here…", lambda: page.quick.on_ground(at, place))
        self._add(menu, "note-pencil", "Add a note here…", lambda: page.noting.begin(at), "Ctrl+M")
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
        if verbs.graph.groups:
            menu.addSeparator()
            every = page.grouping.fold_all
            some = any(g.folded for g in verbs.graph.groups)
            rest = any(not g.folded and not g.parent for g in verbs.graph.groups)
            self._add(menu, "arrows-in-line-vertical", "Fold all groups", lambda: every(True)).setEnabled(rest)
            self._add(menu, "arrows-out-line-vertical", "Open all groups", lambda: every(False)).setEnabled(some)

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
