"""A layer on its way from the palette to the canvas: the ghost under the pointer, the wire that lights up."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtWidgets import QWidget

from workbench.core.catalog import Catalog
from workbench.ui.model.grouping import Grouping
from workbench.ui.model.library import AGAIN, is_piece
from workbench.ui.model.palette import Palette
from workbench.ui.model.stage import Ghost, Stage
from workbench.ui.model.verbs import ModelVerbs
from workbench.ui.model.wishes import Wishes

ENDS = ("Input", "Output")


class PaletteDrag(QObject):
    """Follows the palette's own drag over `page`."""

    def __init__(
        self,
        catalog: Catalog,
        palette: Palette,
        stage: Stage,
        verbs: ModelVerbs,
        wishes: Wishes,
        grouping: Grouping,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._wishes, self._grouping = wishes, grouping
        self._catalog, self._palette, self._stage, self._verbs, self._page = catalog, palette, stage, verbs, page
        self.ghost = Ghost(page)
        palette.list.drag_moved.connect(self._moved)
        palette.list.drag_dropped.connect(self._dropped)
        palette.list.drag_ended.connect(self._ended)

    def _scene_point(self, place: QPoint) -> QPointF | None:
        """A global position on the canvas; None when it is not over it."""
        viewport = self._stage.view.viewport()
        local = viewport.mapFromGlobal(place)
        return self._stage.view.mapToScene(local) if viewport.rect().contains(local) else None

    def _moved(self, kind: str, place: QPoint) -> None:
        if kind.startswith(AGAIN):
            node = self._verbs.graph.node(kind.removeprefix(AGAIN))
            kind, again = node.kind, node.name
        else:
            again = ""
        entry = self._catalog.layer(kind)
        if entry is None and not is_piece(kind):
            return
        title = again or entry.title if entry is not None else self._grouping.library.title(kind)
        group = "data" if kind in ENDS or entry is None else entry.group
        self.ghost.follow(title, group, self._stage.view.zoom(), self._page.mapFromGlobal(place))
        self._stage.scene.light_wire(None if kind in ENDS else self._scene_point(place))

    def _dropped(self, kind: str, place: QPoint) -> None:
        point = self._scene_point(place)
        if point is None:
            return
        scene = self._stage.scene
        wire = None if kind in ENDS else scene.light_wire(point)
        scene.light_wire(None)
        wires = self._wishes.wires([wire]) if wire is not None else []
        with self._stage.view.still():
            if is_piece(kind):
                self._grouping.drop(kind, point, wires)
            else:
                self._palette.remember(kind)
                self._verbs.put(kind, scene.free_place(point), wires)
        self._stage.view.setFocus()

    def _ended(self) -> None:
        self.ghost.hide()
        self._stage.scene.light_wire(None)
