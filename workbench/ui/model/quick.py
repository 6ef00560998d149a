"""The palette as a pop-up at the pointer, and the gestures of the canvas that open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.ui import theme
from workbench.ui.model.fitting import Fit, fits_after, fits_before
from workbench.ui.model.library import Piece
from workbench.ui.model.palette import Palette

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class QuickAdd(QFrame):
    """The palette as a pop-up at the pointer: type, Enter, done. `like`: whose favourites and recent ones it shows;
    `fit`: what fits there; None: everything. `again`: layers of the model that can be used once more."""

    def __init__(
        self,
        catalog: Catalog,
        title: str,
        picked: Callable[[str], object],
        like: Palette,
        parent: QWidget,
        fit: Fit | None = None,
        again: Sequence[Piece] = (),
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
        self.palette_.starred.connect(like.star)
        column.addWidget(self.palette_)
        self._picked = picked
        self.palette_.picked.connect(self._done)
        self.palette_.closed.connect(self.close)

    def open_at(self, place: QPoint) -> None:
        """Show it with its corner at a global position, inside the screen."""
        screen = self.screen().availableGeometry()
        x = min(place.x(), screen.right() - self.width() - theme.SPACE)
        y = min(place.y(), screen.bottom() - self.height() - theme.SPACE)
        self.move(max(screen.left(), x), max(screen.top(), y))
        self.show()
        self.palette_.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _done(self, kind: str) -> None:
        self.close()
        self._picked(kind)


class QuickAdds(QObject):
    """For a ModelPage: a wire let go over empty ground asks what it shall end at."""

    def __init__(self, page: ModelPage) -> None:
        super().__init__(page)
        self._page = page
        page.stage.scene.wire_dropped.connect(self.wire_dropped)
        page.stage.scene.wire_dropped_back.connect(self.wire_dropped_back)

    def open(
        self,
        title: str,
        picked: Callable[[str], object],
        place: QPoint,
        fit: Fit | None = None,
        source: str | None = "",
    ) -> QuickAdd:
        """The palette at a global position, with what fits there. source: id of what would feed the new layer, "" where
        that is not known, None where no layer can be used once more."""
        page = self._page
        again = page.sharing.pieces(source) if source is not None else ()
        pop = QuickAdd(page.session.catalog, title, picked, page.palette_, page, fit, again)
        pop.open_at(place)
        return pop

    def _global(self, at: QPointF) -> QPoint:
        view = self._page.stage.view
        return view.viewport().mapToGlobal(view.mapFromScene(at))

    def wire_dropped(self, source: str, at: QPointF) -> None:
        """A wire out of a block."""
        page = self._page

        def put(kind: str) -> None:
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
            page.palette_.remember(kind)
            page.verbs.put_before(kind, found, page.stage.scene.free_place(at))

        found = page.wishes.shown.real_targets(page.graph, target, port)
        self.open("Add and wire", put, self._global(at), fits_before)
