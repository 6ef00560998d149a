"""The window onto the canvas: zoom, pan, keys, the dotted ground. It holds the zoom and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from workbench.ui import theme
from workbench.ui.model.canvas.ground import EdgePan, Ground
from workbench.ui.model.canvas.keys import STEPS, meaning
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.canvas.walking import end_of, walked

SMALLEST, LARGEST = 0.05, 2.5
STEP = 1.2


class CanvasView(QGraphicsView):
    """Shows a GraphScene.

    Signals (wishes, like the scene's): delete_wanted, copy_wanted, cut_wanted, paste_wanted, duplicate_wanted,
    search_wanted(typed text), menu_wanted(scene position, global position), zoomed(zoom), edit_wanted (Enter),
    align_wanted(edge), group_wanted, ungroup_wanted, again_wanted, rename_wanted.
    """

    delete_wanted = Signal()
    copy_wanted = Signal()
    cut_wanted = Signal()
    paste_wanted = Signal()
    duplicate_wanted = Signal()
    search_wanted = Signal(str)
    edit_wanted = Signal()
    nudge_wanted = Signal(float, float)
    align_wanted = Signal(str)
    space_tapped = Signal()
    group_wanted = Signal()
    ungroup_wanted = Signal()
    again_wanted = Signal()
    rename_wanted = Signal()
    note_wanted = Signal()
    menu_wanted = Signal(QPointF, QPoint)
    zoomed = Signal(float)

    def __init__(self, scene: GraphScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._scene = scene
        self.setObjectName("model-canvas")
        self.setAccessibleName("Model canvas")
        self.setAccessibleDescription("Arrow keys walk the layers, Enter edits, Delete removes, slash searches layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setDragMode(QGraphicsView.DragMode.RubberBandDrag)
        self.setRubberBandSelectionMode(Qt.ItemSelectionMode.IntersectsItemBoundingRect)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        # Files dropped here are for the window; layers come by the palette's own drag.
        self.setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._covered = 0
        self._foot = 0
        self.placing = False  # something is put under the pointer: the view stays where it is
        self._panning: QPoint | None = None
        self._space = False
        self._space_used = False
        self._touched = False  # the person chose a zoom or a place: leave it
        self._laid_out = QSize()
        self._ground = Ground()
        self._edge = EdgePan(self, self._drift)
        self._hand = QPointF()  # where the pointer is, with something in hand
        theme.notifier.changed.connect(self.viewport().update)

    @property
    def graph_scene(self) -> GraphScene:
        return self._scene

    # ---- zoom and place --------------------------------------------------------------------------------------

    def zoom(self) -> float:
        return self.transform().m11()

    def set_zoom(self, zoom: float, around: QPoint | None = None) -> None:
        """Zoom, keeping the point of the viewport `around` (its middle when None) where it is."""
        zoom = min(LARGEST, max(SMALLEST, zoom))
        place = around if around is not None else self.viewport().rect().center()
        before = self.mapToScene(place)
        self.resetTransform()
        self.scale(zoom, zoom)
        after = self.mapToScene(place)
        self._shift((after - before) * zoom)
        self._touched = True
        self.zoomed.emit(zoom)

    def zoom_in(self) -> None:
        self.set_zoom(self.zoom() * STEP)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom() / STEP)

    def zoom_reset(self) -> None:
        self.set_zoom(1.0)

    def set_covered(self, pixels: int) -> None:
        """So much of the top is covered by a message; fitting keeps clear of it."""
        changed, self._covered = pixels != self._covered, pixels
        if changed and not self._touched and self.isVisible():
            self.frame_start()

    def set_foot(self, pixels: int) -> None:
        """So much of the bottom is covered by what floats there; fitting keeps clear of it."""
        self._foot = pixels

    @contextmanager
    def still(self) -> Iterator[None]:
        """While something is put where the person pointed: nothing moves the view, then or at the next resize."""
        self.placing = True
        try:
            yield
        finally:
            self.placing = False
            self._touched = True

    def fit(self, idents: Collection[str] = ()) -> None:
        """Show all blocks (or some), never larger than life."""
        box = self._scene.content_rect(idents)
        if box.isNull():
            self.resetTransform()
            self.centerOn(0, 0)
        else:
            room = self.viewport().size()
            box.adjust(-32, -32, 32, 32)
            free = max(100, room.height() - self._covered - self._foot)
            zoom = max(SMALLEST, min(1.0, room.width() / box.width(), free / box.height()))
            self.resetTransform()
            self.scale(zoom, zoom)
            self.centerOn(box.center() + QPointF(0, (self._foot - self._covered) / 2 / zoom))
        self._touched = False
        self.zoomed.emit(self.zoom())

    def frame_start(self) -> None:
        """First look at a graph: all of it when that stays readable, else its beginning at a readable size."""
        self.fit()
        if self.zoom() < 0.5 and self._scene.nodes:
            box = self._scene.content_rect()
            top = min(self._scene.nodes.values(), key=lambda item: item.y())
            self.resetTransform()
            self.scale(0.75, 0.75)
            self.centerOn(top.sceneBoundingRect().center().x(), box.top() + self.viewport().height() / 0.75 / 2 - 48)
            self.zoomed.emit(self.zoom())

    def reveal(self, ident: str) -> None:
        """Bring a block into sight, moving as little as possible."""
        item = self._scene.nodes.get(ident) or self._scene.notes.get(ident)
        if item is None:
            return
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        box = item.sceneBoundingRect().adjusted(-16, -16, 16, 16)
        if self.zoom() < 0.35:
            self.set_zoom(0.75)
            self.centerOn(item.sceneBoundingRect().center())
            return
        if seen.contains(box):
            return
        dx = min(0.0, box.left() - seen.left()) + max(0.0, box.right() - seen.right())
        dy = min(0.0, box.top() - seen.top()) + max(0.0, box.bottom() - seen.bottom())
        self._shift(QPointF(-dx, -dy) * self.zoom())

    def show_whole(self, idents: Collection[str]) -> None:
        """Bring several blocks into sight: all of them where they fit at this zoom, else the first."""
        box = self._scene.content_rect(idents).adjusted(-16, -32, 16, 16)
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        if seen.contains(box) or not idents:
            return
        if box.height() > seen.height() or box.width() > seen.width():
            self.reveal(next(iter(idents)))
            return
        dx = min(0.0, box.left() - seen.left()) + max(0.0, box.right() - seen.right())
        dy = min(0.0, box.top() - seen.top()) + max(0.0, box.bottom() - seen.bottom())
        self._shift(QPointF(-dx, -dy) * self.zoom())

    def look_at(self, point: QPointF) -> None:
        """Bring a point of the canvas to the middle."""
        self.centerOn(point)
        self._touched = True

    def _shift(self, pixels: QPointF) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(pixels.x()))
        down.setValue(down.value() - round(pixels.y()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Resized while another page was shown, Qt names no size before: it is the one that was last laid out for.
        before, now = self._laid_out, event.size()
        self._laid_out = now
        if not before.isValid():
            return
        if not self._touched:
            self.frame_start()
        elif now.width() < before.width() or now.height() < before.height():
            # All of it was in sight, where the person had put it: keep it in sight.
            box = self._scene.content_rect()
            seen = self.mapToScene(QRect(QPoint(0, 0), before)).boundingRect()
            if seen.contains(box) and not self.mapToScene(self.viewport().rect()).boundingRect().contains(box):
                self.fit()

    # ---- ground ----------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        self._ground.paint(painter, rect, self.viewport().size(), self.zoom(), self.mapFromScene(QPointF(0, 0)))

    # ---- mouse -----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, slid = event.angleDelta(), event.pixelDelta()
        if not slid.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            # Two fingers on a pad slide the sheet; a wheel, and two fingers with Control, zoom.
            self._shift(QPointF(slid))
            self._touched = True
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not turned.y():
            self._shift(QPointF(turned.y() or turned.x(), 0) / 2)
            self._touched = True
        else:
            self.set_zoom(self.zoom() * STEP ** (turned.y() / 120), event.position().toPoint())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pan = event.button() == Qt.MouseButton.MiddleButton
        if pan or (self._space and event.button() == Qt.MouseButton.LeftButton):
            self._panning = event.position().toPoint()
            self._space_used = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            now = event.position().toPoint()
            self._shift(QPointF(now - self._panning))
            self._panning = now
            self._touched = True
            event.accept()
            return
        super().mouseMoveEvent(event)
        if self._scene.in_hand:
            self._hand = event.position()
            self._edge.held_at(event.position().toPoint(), self.viewport().rect())
        if not event.buttons() and not self._space:
            hit = self._scene.port_at(self.mapToScene(event.position().toPoint()))
            if hit is not None:
                self.viewport().setCursor(Qt.CursorShape.CrossCursor)
            else:
                self.viewport().unsetCursor()

    def _drift(self, across: int, down: int) -> None:
        """The sheet comes along, and what is in hand with it."""
        if not self._scene.in_hand:
            self._edge.let_go()
            return
        self._shift(QPointF(-across, -down))
        self._touched = True
        super().mouseMoveEvent(
            QMouseEvent(
                QEvent.Type.MouseMove,
                self._hand,
                self.viewport().mapToGlobal(self._hand),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._edge.let_go()
        if self._panning is not None:
            self._panning = None
            if self._space:
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            else:
                self.viewport().unsetCursor()
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.menu_wanted.emit(self.mapToScene(event.pos()), event.globalPos())
        else:
            chosen = self._scene.chosen_nodes()
            place = self._scene.content_rect(chosen).center() if chosen else self.mapToScene(self.rect().center())
            self.menu_wanted.emit(place, self.viewport().mapToGlobal(self.mapFromScene(place)))
        event.accept()

    # ---- keys ------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # While the canvas has the focus its keys are its own, also where a menu has the same shortcut.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and meaning(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        what = meaning(event)
        calls = {
            "delete": self.delete_wanted.emit,
            "copy": self.copy_wanted.emit,
            "cut": self.cut_wanted.emit,
            "paste": self.paste_wanted.emit,
            "duplicate": self.duplicate_wanted.emit,
            "all": self._scene.choose_all,
            "fit": self.fit,
            "in": self.zoom_in,
            "out": self.zoom_out,
            "reset": self.zoom_reset,
            "edit": self.edit_wanted.emit,
            "group": self.group_wanted.emit,
            "ungroup": self.ungroup_wanted.emit,
            "again": self.again_wanted.emit,
            "rename": self.rename_wanted.emit,
            "note": self.note_wanted.emit,
            "escape": self._escape,
            "search": lambda: self.search_wanted.emit(""),
            "type": lambda: self.search_wanted.emit(event.text()),
            "walk": lambda: self._walk(event),
            "nudge": lambda: self._nudge(event),
            "first": lambda: self._choose(end_of(self._scene.nodes, first=True)),
            "last": lambda: self._choose(end_of(self._scene.nodes, first=False)),
        }
        if what in calls:
            calls[what]()
            event.accept()
        elif what.startswith("align "):
            self.align_wanted.emit(what.removeprefix("align "))
            event.accept()
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self.underMouse():
            self._space = True
            self._space_used = False
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            event.accept()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self._space:
            self._space = False
            self.viewport().unsetCursor()
            event.accept()
            # Held and dragged it pans; tapped it means what it means everywhere: pause.
            if not self._space_used:
                self.space_tapped.emit()
            return
        super().keyReleaseEvent(event)

    def _escape(self) -> None:
        if self._scene.wiring:
            self._scene.cancel_wire()
            self._edge.let_go()
        elif self._scene.cancel_drag():
            self._edge.let_go()
        else:
            self._scene.choose(())

    def _walk(self, event: QKeyEvent) -> None:
        self._choose(walked(self._scene.nodes, self._scene.chosen_nodes(), event))

    def _nudge(self, event: QKeyEvent) -> None:
        dx, dy = STEPS[Qt.Key(event.key())]
        self.nudge_wanted.emit(dx, dy)

    def _choose(self, idents: list[str]) -> None:
        """Select, and bring the last into sight."""
        if idents:
            self._scene.choose(idents)
            self.reveal(idents[-1])
