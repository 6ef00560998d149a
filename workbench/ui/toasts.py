"""The notices above the page: at most three, the newest on top, each until it is dismissed or has been read."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from . import theme
from .notices import Notice
from .widgets.notice import InlineNotice

MOST = 3
SHOWN_MS = 8000


class NoticeArea(QWidget):
    """Shows notices. A newer one with the same key replaces the older."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self._shown: list[tuple[Notice, InlineNotice]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, 0)
        self._column.setSpacing(theme.SPACE // 2)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is shown, the newest first."""
        return [n.text for n, _ in self._shown]

    def add(self, notice: Notice) -> None:
        if notice.key:
            for shown, widget in list(self._shown):
                if shown.key == notice.key:
                    self._remove(widget)
        else:
            for shown, widget in list(self._shown):
                if shown.text == notice.text:
                    self._remove(widget)
        actions = list(notice.actions)
        if notice.details:
            actions.append(("Copy details", lambda: QGuiApplication.clipboard().setText(notice.details)))
        widget = InlineNotice(parent=self, closable=True)
        wrapped = [(title, lambda call=call, w=widget, t=title: self._act(w, t, call)) for title, call in actions]
        widget.set_notice(notice.text, notice.severity, wrapped)
        widget.closed.connect(lambda: self._remove(widget))
        self._column.insertWidget(0, widget)
        self._shown.insert(0, (notice, widget))
        for _old, extra in self._shown[MOST:]:
            self._remove(extra)
        self.show()
        if not notice.lasting:
            timer = QTimer(widget)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._remove(widget))
            timer.start(SHOWN_MS)

    def clear(self, key: str = "") -> None:
        """Take away the notices with that key, or all."""
        for notice, widget in list(self._shown):
            if not key or notice.key == key:
                self._remove(widget)

    def page_shown(self, page: str) -> None:
        """Take away what the page now shown says itself."""
        for notice, widget in list(self._shown):
            if notice.page == page:
                self._remove(widget)

    def _act(self, widget: InlineNotice, title: str, call: object) -> None:
        if title != "Copy details":
            self._remove(widget)
        assert callable(call)
        call()

    def _remove(self, widget: InlineNotice) -> None:
        self._shown = [(n, w) for n, w in self._shown if w is not widget]
        widget.hide()
        self._column.removeWidget(widget)
        widget.deleteLater()
        self.setVisible(bool(self._shown))
