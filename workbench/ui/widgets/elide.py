"""Long texts in little room: shortened in the middle with all of it on hover, or broken into lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from workbench.core.one_line import one_line


def broken(text: str, metrics: QFontMetrics, width: int) -> str:
    """The text with line breaks between its words, so that it fits `width` pixels; for what cannot wrap by itself.
    A long word that is wider than that is broken too."""
    lines: list[str] = []
    for word in text.split():
        wide = metrics.horizontalAdvance(word) > width
        space = " "
        for piece in breakable(word).split(HERE) if wide else [word]:
            longer = f"{lines[-1]}{space}{piece}" if lines else piece
            if lines and metrics.horizontalAdvance(longer) <= width:
                lines[-1] = longer
            elif piece:
                lines.append(piece)
            space = ""
    return "\n".join(lines)


LONG = 16  # letters of a word, from which on it may be broken
HERE = "\u200b"  # has no width; a label may break there


def breakable(text: str) -> str:
    """The text for a label that wraps: within long words, such as names of layers, it may break too."""
    return " ".join(_with_breaks(word) if len(word) > LONG else word for word in text.split(" "))


def _with_breaks(word: str) -> str:
    made, since = "", 0
    for character in word:
        made, since = made + character, since + 1
        if (character in "_-./" and since > 2) or since >= LONG - 4:
            made, since = made + HERE, 0
    return made


def told_apart(names: Sequence[str], metrics: QFontMetrics, width: int) -> list[str]:
    """The names as they fit `width` pixels, so elided that different names stay different wherever that can be.

    The middle goes first; where that makes two names alike, the beginning, the end, or what all have in common.
    """
    different = len(set(names))
    middle = _elided(names, metrics, Qt.TextElideMode.ElideMiddle, width)
    if len(set(middle)) == different:
        return middle
    head, tail = _common(names), _common([name[::-1] for name in names])
    parts = [_between(name, head, tail) for name in names]
    tries = [
        _elided(names, metrics, Qt.TextElideMode.ElideLeft, width),
        _elided(names, metrics, Qt.TextElideMode.ElideRight, width),
        _elided(parts, metrics, Qt.TextElideMode.ElideMiddle, width),
    ]
    return max([middle, *tries], key=lambda shown: len(set(shown)))


def _elided(names: Sequence[str], metrics: QFontMetrics, mode: Qt.TextElideMode, width: int) -> list[str]:
    return [metrics.elidedText(name, mode, width) for name in names]


def _common(names: Sequence[str]) -> int:
    """How many characters all names begin with."""
    together = 0
    for characters in zip(*names, strict=False):
        if len(set(characters)) > 1:
            break
        together += 1
    return together


def _between(name: str, head: int, tail: int) -> str:
    end = max(len(name) - tail, head)
    return ("…" if head else "") + name[head:end] + ("…" if end < len(name) else "")


class ElidedLabel(QLabel):
    """Plain text on one line, elided where there is no room; the tooltip then holds the whole text.

    mode: where the dots go; the middle keeps both the beginning and the end of a path or a column name.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        text = one_line(text)
        if text != self.text():
            super().setText(text)
            self._update_tip()

    def setToolTip(self, text: str) -> None:
        """A tooltip of its own, shown whether or not the text is elided."""
        self._tip = text
        self._update_tip()

    def shown_text(self) -> str:
        """What is drawn: the text, or its elided form."""
        return self.fontMetrics().elidedText(self.text(), self._mode, max(0, self.contentsRect().width()))

    def _update_tip(self) -> None:
        super().setToolTip(self._tip or (self.text() if self.shown_text() != self.text() else ""))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("mmm…mm")), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setPen(option.palette.color(self.foregroundRole()))
        flags = self.alignment() | Qt.TextFlag.TextSingleLine
        painter.drawText(self.contentsRect(), int(flags), self.shown_text())
