"""The answers to one question: one large, or one below the other where the model answers several. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.core.data.answer import Answer
from workbench.ui import theme
from workbench.ui.test.answer_view import AnswerView
from workbench.ui.widgets.hairline import hairline


class AnswerStack(QScrollArea):
    """An AnswerView for each target; `first` is always there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answerStack")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE * 2)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.first = AnswerView()
        self.views = [self.first]
        self._lines: list[QWidget] = []
        self._column.addWidget(self.first, 1)

    def show_nothing(self, text: str = "Nothing asked yet.") -> None:
        """No answer; `text` says why or what to do."""
        self._room_for(1)
        self.first.show_nothing(text)

    def show_answers(self, answers: Sequence[Answer], truth: Any = None) -> None:
        """truth: the true class name or value, of several targets one each in their order, None when not known."""
        self._room_for(len(answers))
        truths = truth if isinstance(truth, tuple) else (truth,) * len(answers)
        for view, answer, own in zip(self.views, answers, truths, strict=False):
            view.show_answer(answer, 0, own)

    def _room_for(self, count: int) -> None:
        while len(self.views) < count:
            line = hairline()
            view = AnswerView()
            view.setObjectName(f"answer-{len(self.views) + 1}")
            self._column.addWidget(line)
            self._column.addWidget(view, 1)
            self._lines.append(line)
            self.views.append(view)
        for place, view in enumerate(self.views):
            view.set_compact(count > 1)
            view.setVisible(place < count)
            if place:
                self._lines[place - 1].setVisible(place < count)
