"""The answer, large: a class with its probabilities, or a number with its name; right or wrong where that is known."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.core.data.answer import Answer
from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.widgets.bars import ProbabilityBars, percent
from workbench.ui.widgets.label import plain_label

BARS = 12
LARGE = 32
COMPACT = 22


def number(value: float, like: float | None = None) -> str:
    """A regression answer with four significant digits; `like`: written as exactly as this known value needs."""
    if not np.isfinite(value):
        return "no number"
    size = abs(value)
    if size >= 1e7 or 0 < size < 1e-4:
        return f"{value:.4g}"
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4
    if like is not None and float(like).is_integer() and size >= 100:
        digits = 0
    return f"{value:,.{digits}f}"


class BigLabel(QLabel):
    """Plain text as large as it fits: on one line if it can, else smaller on up to three, then cut with a tooltip.

    largest: the size on one line.
    """

    largest = LARGE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._whole = ""

    def setText(self, text: str) -> None:
        self._whole = text
        self.setToolTip("")
        self.setAccessibleName(text)
        self.fit()

    def fit(self) -> None:
        """Choose the size for the width of the moment."""
        width = max(120, self.width())
        flags = int(Qt.TextFlag.TextWordWrap)
        size, shown = self.largest, self._whole
        for size in dict.fromkeys((self.largest, 22, 16)):
            metrics = QFontMetrics(theme.font(size, 600))
            box = metrics.boundingRect(0, 0, width, 10_000, flags, self._whole)
            lines = 1 if size == self.largest else 3
            if box.width() <= width and box.height() <= lines * metrics.lineSpacing() + 2:
                break
        else:
            shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, round(width * 2.6))
            self.setToolTip(self._whole)
        self.setStyleSheet(f"font-size: {theme.px(size)}px; font-weight: 600;")
        super().setText(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class AnswerView(QWidget):
    """Shows one `Answer`. Its accessible name is the answer in words, announced when it changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answer")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE // 2)
        self.caption = plain_label(role="muted")
        self.big = BigLabel()
        self.big.setObjectName("answerText")
        self.sure = QLabel()
        self.sure.setProperty("role", "muted")
        self.verdict_icon = QLabel()
        self.verdict = plain_label(name="answerVerdict")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.verdict_icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.verdict, 1)
        self.bars = ProbabilityBars(self, limit=BARS)
        self.rest = QLabel()
        self.rest.setProperty("role", "caption")
        for item in (self.caption, self.big, self.sure):
            self._column.addWidget(item)
        self._column.addLayout(line)
        self._column.addSpacing(theme.SPACE)
        self._column.addWidget(self.bars)
        self._column.addWidget(self.rest)
        self._column.addStretch(1)
        self._wrong: bool | None = None
        theme.notifier.changed.connect(self._restyle)
        self._restyle()
        self.show_nothing()

    def set_compact(self, compact: bool) -> None:
        """Smaller, where several answers share the room."""
        largest = COMPACT if compact else LARGE
        if self.big.largest != largest:
            self.big.largest = largest
            self.big.fit()

    def show_nothing(self, text: str = "Nothing asked yet.") -> None:
        """No answer; `text` says why or what to do."""
        self.caption.setText(text)
        self.big.setText("")
        for item in (self.sure, self.verdict, self.verdict_icon, self.bars, self.rest):
            item.hide()
        self._say(text)

    def show_answer(self, answer: Answer, row: int = 0, truth: str | float | None = None) -> None:
        """Show row `row` of an answer. truth: the true class name or value, None when not known."""
        self.bars.setVisible(answer.probabilities is not None)
        self.rest.hide()
        if answer.probabilities is not None and answer.indices is not None:
            self._show_class(answer, row, truth)
        elif answer.values is not None:
            self._show_value(answer, row, truth)

    def _show_class(self, answer: Answer, row: int, truth: str | float | None) -> None:
        assert answer.probabilities is not None
        assert answer.indices is not None
        label = answer.labels[row]
        shares = answer.probabilities[row]
        index = int(answer.indices[row])
        self.caption.setText(one_line(answer.target))
        if index < 0:
            self.big.setText("no number")
            self.sure.setText("The model answers with something that is not a number: its weights are broken.")
            self.sure.setVisible(True)
            self._judge(None, "")
            self._say(f"{answer.target}: the model answers with something that is not a number.")
            return
        self.big.setText(one_line(label))
        self.sure.setText(f"{percent(float(shares[index]))} sure")
        self.sure.setVisible(True)
        marked = answer.classes.index(str(truth)) if truth is not None and str(truth) in answer.classes else -1
        self.bars.set_values(answer.classes, shares, marked)
        more = len(answer.classes) - BARS
        if more > 0:
            self.rest.setText(f"and {more:,} more classes, {percent(float(np.sort(shares)[:more].sum()))} together")
            self.rest.show()
        if truth is None:
            self._judge(None, "")
        elif str(truth) == label:
            self._judge(False, f"Right: it is {one_line(str(truth))}.")
        else:
            self._judge(True, f"Wrong: it is {one_line(str(truth))}.")
        self._say(
            f"{answer.target}: {one_line(label)}, {percent(float(shares[index]))} sure. {self.verdict.text()}".strip()
        )

    def _show_value(self, answer: Answer, row: int, truth: str | float | None) -> None:
        assert answer.values is not None
        value = float(answer.values[row])
        self.caption.setText(answer.target)
        written = number(value, float(truth) if truth is not None else None)
        self.big.setText(written)
        self.sure.hide()
        if truth is None:
            self._judge(None, "")
        else:
            off = value - float(truth)
            word = "high" if off > 0 else "low"
            self._judge(None, f"True value {float(truth):,.6g}: {number(abs(off))} too {word}.", known=True)
        self._say(f"{answer.target}: {written}. {self.verdict.text()}".strip())

    def _judge(self, wrong: bool | None, text: str, known: bool = False) -> None:
        self._wrong = wrong
        self.verdict.setText(text)
        self.verdict.setVisible(bool(text))
        self.verdict_icon.setVisible(wrong is not None)
        theme.set_role(self.verdict, {True: "error", False: "good", None: "muted" if known else ""}[wrong])
        self._restyle()

    def _say(self, text: str) -> None:
        if text != self.accessibleName():
            self.setAccessibleName(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _restyle(self) -> None:
        self.big.fit()
        self.verdict.setFont(theme.font(16, 600))
        if self._wrong is not None:
            icon, tint = ("x-circle", "bad") if self._wrong else ("check-circle", "good")
            self.verdict_icon.setPixmap(theme.icon(icon, tint).pixmap(18, 18))
