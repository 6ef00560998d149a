"""The palette as a pop-up at the pointer, and the gestures of the canvas that open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.ui import theme
from workbench.ui.model.fitting import Fit, fits_after, fits_before
from workbench.ui.model.library import Piece, is_piece, shape_at
from workbench.ui.model.noting import NOTE, ROW
from workbench.ui.model.palette import Palette
from workbench.ui.widgets.popups import show_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class QuickAdd(QFrame):
    """The palette as a pop-up at the pointer: type, Enter, done. `like`: whose favourites and recent ones it shows;
    `fit`: what fits there; None: everything. `again`: layers of the model that can be used once more. `pieces`: what
    else can be put there."""

    def __init__(
        self,
        catalog: Catalog,
        title: str,
        picked: Callable[[str], object],
        like: Palette,
        parent: QWidget,
        fit: Fit | None = None,
        again: Sequence[Piece] = (),
        pieces: Sequence[Piece] = (),
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("quick-add")
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setFixedSize(264, 344)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        self.palette_ = Palette(catalog, self)
        self.palette_.search.setPlaceholderText(title)
        self.palette_.recent = list(like.recent)
        self.palette_.favourites = like.favourites
        self.palette_.set_fit(fit)
        self.palette_.set_again(again)
        self.palette_.set_pieces(pieces)
        self.palette_.starred.connect(like.star)
        column.addWidget(self.palette_)
        self._picked = picked
        self.palette_.picked.connect(self._done)
        self.palette_.closed.connect(self.close)

    def open_at(self, place: QPoint) -> None:
        """Show it with its corner at a global position, inside the screen."""
        show_at(self, place)
        self.palette_.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _done(self, kind: str) -> None:
        self.close()
        self._picked(kind)


class QuickAdds(QObject):
    """For a ModelPage: a wire let go over empty ground asks what it shall end at; so does a double-click there."""

    def __init__(self, page: ModelPage) -> None:
        super().__init__(page)
        self._page = page
        page.stage.scene.wire_dropped.connect(self.wire_dropped)
        page.stage.scene.wire_dropped_back.connect(self.wire_dropped_back)
        page.stage.scene.add_wanted.connect(self.on_ground)

    def open(
        self,
        title: str,
        picked: Callable[[str], object],
        place: QPoint,
        fit: Fit | None = None,
        source: str | None = "",
        extra: Sequence[Piece] = (),
    ) -> QuickAdd:
        """The palette at a global position, with what fits there. source: id of what would feed the new layer, "" where
        that is not known, None where one layer alone can be put. extra: what else can be put there."""
        page = self._page
        again, pieces = (), extra
        if source is not None:
            again = page.sharing.pieces(source)
            shape = shape_at(page.session.graph_facts, source)
            pieces = (*page.grouping.library.pieces(shape), *extra)
        pop = QuickAdd(page.session.catalog, title, picked, page.palette_, page, fit, again, pieces)
        pop.open_at(place)
        return pop

    def _global(self, at: QPointF) -> QPoint:
        view = self._page.stage.view
        return view.viewport().mapToGlobal(view.mapFromScene(at))

    def on_ground(self, at: QPointF, place: QPoint | None = None) -> QuickAdd:
        """A layer, a piece or a note there. place: where the pop-up opens, else at the same point."""
        page = self._page

        def put(kind: str) -> None:
            if kind == NOTE:
                page.noting.begin(at)
                return
            with page.stage.view.still():
                if is_piece(kind):
                    page.grouping.put_loose(kind, page.stage.scene.free_place(at))
                else:
                    page.palette_.remember(kind)
                    page.verbs.put(kind, page.stage.scene.free_place(at))

        return self.open("Add here", put, place or self._global(at), extra=(ROW,))

    def wire_dropped(self, source: str, at: QPointF) -> None:
        """A wire out of a block."""
        page = self._page

        def put(kind: str) -> None:
            if is_piece(kind):
                page.grouping.put_after(kind, start, page.stage.scene.free_place(at))
                return
            page.palette_.remember(kind)
            page.verbs.put_after(kind, start, page.stage.scene.free_place(at))

        if not (start := page.wishes.source(source)):
            page.stage.say("This group has several results: open it, and take one of them.", "info")
            return
        targets = len(page.session.facts.targets) if page.session.facts is not None else 1
        fit = fits_after(page.graph, page.session.graph_facts, start, targets)
        self.open("Add and wire", put, self._global(at), fit, start)

    def wire_dropped_back(self, target: str, port: int, at: QPointF) -> None:
        """A wire pulled out of an input."""
        page = self._page

        def put(kind: str) -> None:
            if is_piece(kind):
                page.grouping.put_before(kind, found, page.stage.scene.free_place(at))
                return
            page.palette_.remember(kind)
            page.verbs.put_before(kind, found, page.stage.scene.free_place(at))

        found = page.wishes.shown.real_targets(page.graph, target, port)
        self.open("Add and wire", put, self._global(at), fits_before)
