"""The middle of the page: the canvas with what floats on it (a message, the zoom, what to do when it is empty)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.layout import NODE_HEIGHT, NODE_WIDTH
from workbench.ui import theme
from workbench.ui.model.canvas.minimap import MiniMap
from workbench.ui.model.canvas.scene import GraphScene
from workbench.ui.model.canvas.view import CanvasView
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.notice import COLORS, GROUNDS, ICONS, Action, InlineNotice

WORD_MS = 6000


def tool(icon: str, title: str, name: str, shortcut: str = "") -> QToolButton:
    """A flat icon button with its name and key on hover."""
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(f"{title}  {shortcut}".strip())
    button.setIcon(theme.icon(icon))
    button.setIconSize(QSize(18, 18))
    button.setAutoRaise(True)
    return button


class ZoomBar(QFrame):
    """Out, the zoom itself (click: life size), in, fit."""

    def __init__(self, view: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        out = tool("minus", "Zoom out", "zoom-out", "−")
        self.zoom = QToolButton()
        self.zoom.setObjectName("zoom-reset")
        self.zoom.setAccessibleName("Zoom to life size")
        self.zoom.setToolTip("Zoom to life size  0")
        self.zoom.setFont(theme.font(11, tabular=True))
        self.zoom.setFixedWidth(60)
        into = tool("plus", "Zoom in", "zoom-in", "+")
        fit = tool("corners-out", "Show the whole model", "zoom-fit", "F")
        for button, call in (
            (out, view.zoom_out),
            (self.zoom, view.zoom_reset),
            (into, view.zoom_in),
            (fit, view.fit),
        ):
            button.clicked.connect(lambda _=False, call=call: call())
            row.addWidget(button)
        view.zoomed.connect(self.show_zoom)
        self.show_zoom(view.zoom())

    def show_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{zoom * 100:.0f} %")


class Ribbon(QFrame):
    """One line over the top of the canvas that stays: what goes on, with a link to where it goes on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ribbon")
        self._severity = "info"
        self._icon = QLabel()
        self.text = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.text.setObjectName("ribbon-text")
        self.link = QPushButton()
        self.link.setObjectName("ribbon-link")
        self.link.setProperty("role", "link")
        self.link.clicked.connect(lambda: self._call() if self._call is not None else None)
        self._call: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 2, theme.SPACE, 2)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.link)
        theme.notifier.changed.connect(self._restyle)
        self.hide()

    def say(self, text: str, severity: str, action: Action | None) -> None:
        """Show a line; an empty text hides it."""
        self._severity = severity
        self.text.setText(text)
        self.setAccessibleName(text)
        self.link.setVisible(action is not None)
        self._call = action[1] if action is not None else None
        if action is not None:
            self.link.setText(action[0])
        self._restyle()
        self.setVisible(bool(text))

    def wanted_width(self) -> int:
        """As wide as its words."""
        link = self.link.sizeHint().width() + theme.SPACE if not self.link.isHidden() else 0
        return self.text.fontMetrics().horizontalAdvance(self.text.text()) + 16 + link + 5 * theme.SPACE

    def _restyle(self) -> None:
        self._icon.setPixmap(theme.icon(ICONS[self._severity], COLORS[self._severity]).pixmap(16, 16))
        ground, edge = theme.hex_of(GROUNDS[self._severity]), theme.hex_of(COLORS[self._severity])
        self.setStyleSheet(f"#ribbon {{ background: {ground}; border: 1px solid {edge}; border-radius: 4px; }}")


class Stage(QWidget):
    """Canvas and overlays. `word` is a passing message at the bottom, `banner` a lasting one at the top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = GraphScene(self)
        self.view = CanvasView(self.scene)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.empty = EmptyState("tree-structure", "", parent=self)
        self.empty.hide()
        self.zoom_bar = ZoomBar(self.view, self)
        self.view.set_foot(self.zoom_bar.sizeHint().height() + theme.SPACE)
        self.minimap = MiniMap(self.view, self)
        self.view.zoomed.connect(self.place)
        self.scene.shown.connect(self.place)
        self.banner = Ribbon(self)
        self.word = InlineNotice(parent=self, closable=True)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(WORD_MS)
        self._rest.timeout.connect(self.word.clear)

    def say(self, text: str, severity: str = "warning") -> None:
        """A passing message on the canvas."""
        self.word.set_notice(text, severity)
        self.place()
        self.word.raise_()
        self._rest.start()

    def set_banner(self, text: str, severity: str = "info", action: Action | None = None) -> None:
        """A lasting line over the top of the canvas; "" takes it away."""
        self.banner.say(text, severity, action)
        self.view.set_covered(40 if text else 0)
        self.place()

    def set_empty(
        self, icon: str, title: str, text: str, buttons: Sequence[tuple[str, Callable[[], object]]] = ()
    ) -> None:
        """Say what to do on an empty canvas."""
        self.empty.set_state(icon, title, text, buttons)
        self.empty.show()
        self.zoom_bar.hide()
        self.place()

    def set_filled(self) -> None:
        self.empty.hide()
        self.zoom_bar.show()

    def place(self, *_: object) -> None:
        """Put what floats where it belongs."""
        width, height = self.width(), self.height()
        self.empty.setGeometry(0, 0, width, height)
        bar = self.zoom_bar.sizeHint()
        self.zoom_bar.setGeometry(theme.SPACE, height - bar.height() - theme.SPACE, bar.width(), bar.height())
        self.minimap.setVisible(self.minimap.wanted())
        if self.minimap.isVisible():
            size = self.minimap.sizeHint()
            corner = QPoint(width - size.width() - theme.SPACE, height - size.height() - theme.SPACE)
            self.minimap.setGeometry(QRect(corner, size))
            self.minimap.update()
        wide = min(self.banner.wanted_width(), width - 2 * theme.SPACE)
        self.banner.setGeometry((width - wide) // 2, theme.SPACE, wide, 32)
        room = min(560, width - 4 * theme.SPACE)
        tall = max(self.word.heightForWidth(room), self.word.minimumSizeHint().height())
        self.word.setGeometry((width - room) // 2, height - tall - 7 * theme.SPACE, room, tall)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()


class Ghost(QWidget):
    """The layer that is dragged out of the palette, under the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title = ""
        self._group = "Core"
        self.hide()

    def follow(self, title: str, group: str, zoom: float, at: QPoint) -> None:
        """Show it beside a point of the parent, so that what lies under the pointer stays in sight."""
        self._title, self._group = title, group
        zoom = min(1.2, max(0.4, zoom))
        self.resize(round(NODE_WIDTH * zoom), round(NODE_HEIGHT * zoom))
        self.move(at + QPoint(14, 14))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.85)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 6, 6)
        painter.fillRect(QRectF(1, 6, 4, self.height() - 12), theme.category_color(self._group))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13, 600))
        painter.drawText(box.adjusted(14, 0, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), self._title)
