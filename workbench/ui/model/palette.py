"""The list of layers to build with: search on top, groups that fold, drag, double-click or Enter to use one."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QTreeWidgetItem, QVBoxLayout, QWidget

from workbench.core.catalog import GROUPS, Catalog, LayerEntry
from workbench.ui import theme
from workbench.ui.model.fitting import Fit
from workbench.ui.model.layer_help import LayerHelp, layer_tip
from workbench.ui.model.layer_list import FITS, GROUP, KIND, NOTE, STAR, LayerList
from workbench.ui.model.library import Piece
from workbench.ui.model.words import entries, find_layers, find_pieces
from workbench.ui.widgets.label import plain_label

__all__ = ["Fit", "LayerList", "Palette"]

RECENT = 5
_MOST_AGAIN = 6  # found among the layers of the model, so that the others are not out of sight
PIECES = "Blocks"
USED = "Once more"
# Shown unfolded at first; the others are one click away.
OPEN_GROUPS = ("Favourites", PIECES, "Data", "Core", "Convolution", "Pooling", "Regularization", "Merging")


class Palette(QWidget):
    """Search and list.

    Signals: picked(kind): the person wants one of these; closed: Escape with nothing typed; starred(kinds): other
    favourites, the newest first; forget_wanted(key): one of the person's own pieces is not wanted any more.
    """

    picked = Signal(str)
    closed = Signal()
    starred = Signal(tuple)
    forget_wanted = Signal(str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self.recent: list[str] = []
        self._recent_rows: list[str] = []  # the same in the order shown: who clicks a row twice must hit it twice
        self.favourites: tuple[str, ...] = ()
        self._fit: Fit | None = None
        self._pieces: dict[str, Piece] = {}
        self._again: dict[str, Piece] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.search = QLineEdit()
        self.search.setObjectName("layer-search")
        self.search.setAccessibleName("Search layers")
        self.search.setPlaceholderText("Search layers   /")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("magnifying-glass", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self.refill)
        self.search.returnPressed.connect(self._take_first)
        self.search.installEventFilter(self)
        self.list = LayerList()
        self.list.picked.connect(self._picked)
        self.list.left_upwards.connect(self.search.setFocus)
        self.list.help_wanted.connect(self.show_help)
        self.list.menu_wanted.connect(self._menu)
        self._nothing = plain_label(role="muted")
        self._nothing.hide()
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        theme.notifier.changed.connect(self.list.viewport().update)
        self._opened: dict[str, bool] = {}  # groups the list has shown, and whether they were open
        self.refill()

    def begin_search(self, text: str = "") -> None:
        """Put the focus into the search, with `text` typed."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.setText(text)

    def remember(self, kind: str) -> None:
        """Put a layer on top of the recent ones."""
        if kind in self._pieces or kind in self._again:
            return  # they stand together in groups of their own
        self.recent = [kind, *(one for one in self.recent if one != kind)][:RECENT]
        new = [kind] if kind not in self._recent_rows else []
        self._recent_rows = [*new, *(one for one in self._recent_rows if one in self.recent)]
        if not self.search.text():
            self.refill()

    def set_favourites(self, kinds: Sequence[str]) -> None:
        """Show these with a star and in a group of their own."""
        if tuple(kinds) != self.favourites:
            self.favourites = tuple(kinds)
            self.refill()

    def star(self, kinds: Sequence[str]) -> None:
        """The person chose other favourites."""
        self.set_favourites(kinds)
        self.starred.emit(self.favourites)

    def set_fit(self, fit: Fit | None) -> None:
        """Without a search list only what fits; a search finds the others too and says why they do not."""
        self._fit = fit
        self.refill()

    def set_pieces(self, pieces: Sequence[Piece]) -> None:
        """Ready-made pieces, in a group of their own; those that do not fit say why."""
        self._pieces = {piece.key: piece for piece in pieces}
        self.refill()

    def set_again(self, pieces: Sequence[Piece]) -> None:
        """Layers of the model that can be used at a further place, in a group of their own."""
        self._again = {piece.key: piece for piece in pieces}
        self.refill()

    def show_help(self, kind: str, place: QPoint) -> LayerHelp | None:
        """The page of a layer as a pop-up."""
        entry = self._catalog.layer(kind)
        if entry is None:
            return None
        page = LayerHelp(entry, self)
        page.open_at(place)
        return page

    def _menu(self, kind: str, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("layer-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if (piece := self._pieces.get(kind) or self._again.get(kind)) is not None:
            menu.addAction(theme.icon("plus"), "Add").triggered.connect(lambda: self._picked(kind))
            if piece.own:
                gone = menu.addAction(theme.icon("trash"), "Remove from your blocks")
                gone.triggered.connect(lambda: self.forget_wanted.emit(kind))
            menu.popup(place)
            return
        if self.list.kind_of(self.list.currentItem()):
            menu.addAction(theme.icon("plus"), "Add").triggered.connect(lambda: self._picked(kind))
            known = kind in self.favourites
            star = menu.addAction(theme.icon("star"), "Remove from favourites" if known else "Add to favourites")
            star.triggered.connect(lambda: self._star(kind))
        about = menu.addAction(theme.icon("question"), "What is it?")
        about.triggered.connect(lambda: self.show_help(kind, place))
        menu.popup(place)

    def _star(self, kind: str) -> None:
        rest = tuple(one for one in self.favourites if one != kind)
        self.star(rest if kind in self.favourites else (kind, *rest))

    def shown(self) -> list[str]:
        """The kinds in the list, in order, folded ones included."""
        found = []
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item.childCount():
                found += [str(item.child(at).data(0, KIND)) for at in range(item.childCount())]
            elif item.data(0, KIND):
                found.append(str(item.data(0, KIND)))
        return found

    # ---- filling ---------------------------------------------------------------------------------------------

    def refill(self) -> None:
        """List what answers to the search, or everything by groups."""
        self._note_folds()
        text = self.search.text()
        place = self.list.place()
        self.list.clear()
        if text.strip():
            for piece in find_pieces(self._pieces.values(), text):
                self.list.addTopLevelItem(self._piece_row(piece, "block"))
            pieces = self.list.topLevelItemCount()
            found = find_layers(self._catalog, text, (*self.favourites, *self.recent))
            found.sort(key=lambda entry: bool(entry.usable and self._misfit(entry)))
            again = sorted(find_pieces(self._again.values(), text), key=lambda piece: bool(piece.why))[:_MOST_AGAIN]
            for entry in found[:60]:
                note = self._misfit(entry) or entry.group if entry.usable else "not yet"
                self.list.addTopLevelItem(self._row(entry, note=note))
            self._nothing.setText(f"No layer answers to “{text.strip()}”.")
            self._nothing.setVisible(not (found or pieces or again))
            first = next((i + pieces for i in range(len(found[:60])) if found[i].usable), 0)
            chosen = self.list.topLevelItem(first)
            # Behind the layer that is most likely meant, before the many others.
            rows = [self._piece_row(piece) for piece in again]
            self.list.insertTopLevelItems(pieces + bool(found), rows)
            if chosen is not None or rows:
                self.list.setCurrentItem(chosen or rows[0])
            return
        self._nothing.hide()
        groups: dict[str, list[LayerEntry]] = {}
        known = {entry.name: entry for entry in entries(self._catalog) if not self._misfit(entry)}
        groups["Favourites"] = [known[kind] for kind in self.favourites if kind in known]
        groups["Recent"] = [known[kind] for kind in self._recent_rows if kind in known]
        groups[PIECES] = []
        groups[USED] = []
        groups["Data"] = []
        groups.update({title: [] for title in GROUPS})
        for entry in known.values():
            if entry.usable:
                groups.setdefault("Data" if entry.name in ("Input", "Output") else entry.group, []).append(entry)
        for title, members in groups.items():
            if members:
                self._add_group(title, [self._row(entry) for entry in members])
            elif title == PIECES and self._pieces:
                self._add_group(title, [self._piece_row(piece) for piece in self._pieces.values()])
            elif title == USED and self._again:
                self._add_group(title, [self._piece_row(piece) for piece in list(self._again.values())[:_MOST_AGAIN]])
        self.list.put_back(place)

    def _misfit(self, entry: LayerEntry) -> str:
        return self._fit(entry) if self._fit is not None else ""

    def _piece_row(self, piece: Piece, kind: str = "") -> QTreeWidgetItem:
        row = QTreeWidgetItem([piece.title])
        row.setData(0, KIND, piece.key)
        row.setData(0, GROUP, PIECES)
        row.setData(0, NOTE, piece.note or kind)
        row.setData(0, FITS, not piece.why)
        said = (f"<b>{html.escape(piece.title)}</b>", html.escape(piece.blurb), html.escape(piece.why))
        row.setToolTip(0, "<p style='white-space:normal'>" + "<br>".join(part for part in said if part) + "</p>")
        return row

    def _add_group(self, title: str, rows: Sequence[QTreeWidgetItem]) -> None:
        head = QTreeWidgetItem([title])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        head.setFont(0, theme.font(11, 600))
        what = {PIECES: "ready-made pieces", USED: "layers of this model, each to be used at a further place"}
        head.setToolTip(0, f"{len(rows)} {what.get(title, 'layers')}")
        self.list.addTopLevelItem(head)
        head.addChildren(list(rows))
        opened = self._opened.get(title, title in OPEN_GROUPS)
        head.setExpanded(title == "Recent" or opened)

    def _row(self, entry: LayerEntry, note: str = "") -> QTreeWidgetItem:
        row = QTreeWidgetItem([entry.title])
        row.setData(0, KIND, entry.name)
        row.setData(0, GROUP, "data" if entry.name in ("Input", "Output") else entry.group)
        row.setData(0, NOTE, note)
        row.setData(0, STAR, entry.name in self.favourites)
        row.setToolTip(0, layer_tip(entry))
        row.setDisabled(not entry.usable)
        return row

    def _note_folds(self) -> None:
        heads = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        heads = [head for head in heads if head.childCount()]
        if heads:
            self._opened |= {head.text(0): head.isExpanded() for head in heads}

    # ---- choosing --------------------------------------------------------------------------------------------

    def _take_first(self) -> None:
        kind = self.list.kind_of(self.list.currentItem())
        if kind and self.search.text().strip():
            self._picked(kind)

    def _picked(self, kind: str) -> None:
        self.picked.emit(kind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                if self.list.currentItem() is None and self.list.topLevelItemCount():
                    self.list.setCurrentItem(self.list.topLevelItem(0))
                elif key != Qt.Key.Key_Up or self.list.currentItem() is not self.list.topLevelItem(0):
                    self.list.keyPressEvent(event)
                return True
            if key == Qt.Key.Key_F1:
                self.list.ask_help()
                return True
            if key == Qt.Key.Key_Escape:
                if self.search.text():
                    self.search.clear()
                else:
                    self.closed.emit()
                return True
        return False
