"""Train, validation and test as one bar whose borders are dragged, with the shares as typed figures below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.project import Split
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import soft
from workbench.ui.features.fold_bars import FoldBars, FoldChoice
from workbench.ui.features.split_method import METHODS, SERIES_METHODS, BalanceChoice, MethodChoice
from workbench.ui.widgets.number import NumberEdit

PARTS = ("train", "validation", "test")
TITLES = {"train": "Training", "validation": "Validation", "test": "Test"}
HELP = {
    "train": "Rows the model learns from; means, categories and scales are taken from them alone.",
    "validation": "Rows watched while training: when they stop getting better, the model has begun to learn by heart.",
    "test": "Rows kept for the end: the model never sees them before, so they tell what it is worth.",
}
_BAR = 30
_GRAB = 7
LEAST_TRAIN = 0.05


def with_border(split: Split, border: int, at: float, given_test: bool) -> Split:
    """The split after a border was moved to `at` (0..1): border 0 ends training, border 1 ends validation.

    Whole percents; training keeps at least 5 %. With a test part of its own, only border 0 exists and ends at 1.
    """
    at = round(min(1.0, max(0.0, at)) * 100) / 100
    if given_test:
        train = max(LEAST_TRAIN, at)
        return replace(split, train=train, validation=round(1 - train, 6), test=0.0)
    if border == 0:
        end = 1.0 - split.test
        train = min(max(LEAST_TRAIN, at), end)
        return replace(split, train=round(train, 6), validation=round(end - train, 6))
    end = max(split.train, at)
    return replace(split, validation=round(end - split.train, 6), test=round(1 - end, 6))


def with_share(split: Split, part: str, share: float, given_test: bool) -> Split:
    """The split after a share (0..1) was typed: the others make room, training first."""
    share = min(1.0, max(0.0, share))
    if part == "train":
        share = max(LEAST_TRAIN, share)
        rest = 1 - share
        if given_test:
            return replace(split, train=share, validation=round(rest, 6), test=0.0)
        before = split.validation + split.test
        validation = rest * (split.validation / before if before else 0.5)
        return replace(split, train=share, validation=round(validation, 6), test=round(rest - validation, 6))
    other = "test" if part == "validation" else "validation"
    kept = 0.0 if given_test else getattr(split, other)
    share = min(share, 1 - LEAST_TRAIN)
    kept = min(kept, 1 - LEAST_TRAIN - share)
    return replace(split, **{part: round(share, 6), other: round(kept, 6), "train": round(1 - share - kept, 6)})


class SplitBar(QWidget):
    """One stacked bar with two borders to drag, or to move with the arrow keys. changed(Split) while it moves."""

    changed = Signal(object)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("splitBar")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(_BAR + 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._split = Split()
        self._given_test = False
        self._dragging = -1
        self._active = 0
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(260, _BAR + 8)

    def set_split(self, split: Split, given_test: bool) -> None:
        self._split = split
        self._given_test = given_test
        if given_test:
            self._active = 0
        text = f"{100 * split.train:.0f} % training, {100 * split.validation:.0f} % validation"
        self.setAccessibleName("Split: " + text + ("" if given_test else f", {100 * split.test:.0f} % test"))
        self.update()

    def borders(self) -> list[float]:
        """x of each border in pixels."""
        split, wide = self._split, self.width() - 1
        return (
            [split.train * wide] if self._given_test else [split.train * wide, (split.train + split.validation) * wide]
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11, weight=600, tabular=True))
        edges = [0.0, *self.borders(), float(self.width())]
        looks = (("accent", 1.0, "on_accent"), ("accent", 0.38, "text"), ("accent", 0.16, "text"))
        for i, part in enumerate(PARTS[: len(edges) - 1]):
            fill, alpha, ink = looks[i]
            area = QRectF(edges[i], 4, edges[i + 1] - edges[i], _BAR)
            if area.width() <= 0:
                continue
            painter.fillRect(area, theme.color("surface"))
            painter.fillRect(area, soft(fill, alpha))
            share = f"{100 * getattr(self._split, part):.0f} %"
            for text in (f"{TITLES[part]} {share}", share):
                if painter.fontMetrics().horizontalAdvance(text) + 8 <= area.width():
                    painter.setPen(theme.color(ink))
                    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
                    break
        for i, x in enumerate(self.borders()):
            grabbed = i == self._dragging or (self.hasFocus() and i == self._active)
            painter.fillRect(QRectF(x - 2, 0, 4, _BAR + 8), theme.color("surface"))
            painter.fillRect(QRectF(x - 1, 0, 3, _BAR + 8), theme.color("accent" if grabbed else "text"))

    def _near(self, x: float) -> int:
        found = [(abs(x - at), i) for i, at in enumerate(self.borders())]
        best = min(found, default=(99.0, -1))
        if best[0] > _GRAB:
            return -1
        # Two borders on one spot: the one that has room to move is meant.
        both = [i for distance, i in found if distance <= _GRAB]
        return both[-1] if len(both) == 2 and self._split.train < 0.5 else best[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = self._near(event.position().x())
            if self._dragging >= 0:
                self._active = self._dragging
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging < 0:
            near = self._near(event.position().x()) >= 0
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
            return
        self._move(event.position())

    def _move(self, point: QPointF) -> None:
        after = with_border(self._split, self._dragging, point.x() / max(1, self.width() - 1), self._given_test)
        if after != self._split:
            self.set_split(after, self._given_test)
            self.changed.emit(after)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging >= 0:
            self._dragging = -1
            self.update()
            self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}
        move = moves.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not self._given_test:
            self._active = 1 - self._active
            self.update()
        elif move is not None:
            at = self._split.train + (self._split.validation if self._active else 0.0) + move
            after = with_border(self._split, self._active, at, self._given_test)
            if after != self._split:
                self.set_split(after, self._given_test)
                self.changed.emit(after)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.unsetCursor()


class SplitPanel(QWidget):
    """Bar, typed shares with their rows, seed, stratify. changed(Split, part of it that was changed)."""

    changed = Signal(object, str)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split = Split()
        self._given_test = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.method = MethodChoice()
        self.method.changed.connect(lambda split: self._tell(split, "method"))
        column.addWidget(self.method)
        self.bar = SplitBar()
        self.bar.changed.connect(lambda split: self._tell(split, "shares"))
        self.bar.settled.connect(self.settled)
        column.addWidget(self.bar)
        self.fold_choice = FoldChoice()
        self.fold_choice.asked.connect(lambda n: self._tell(replace(self._split, folds=n, fold=0), "folds"))
        column.addWidget(self.fold_choice)
        self.folds = FoldBars()
        column.addWidget(self.folds)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self.shares: dict[str, NumberEdit] = {}
        self.rows: dict[str, QLabel] = {}
        self._percent: dict[str, QLabel] = {}
        for i, part in enumerate(PARTS):
            title = QLabel(TITLES[part])
            title.setToolTip(HELP[part])
            box = NumberEdit(minimum=0, maximum=100)
            box.setObjectName(f"share-{part}")
            box.setAccessibleName(f"{TITLES[part]} share in percent")
            box.setFixedWidth(64)
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
            box.edited.connect(lambda value, part=part: self._typed(part, value))
            percent = QLabel("%")
            percent.setProperty("role", "muted")
            rows = QLabel()
            rows.setObjectName(f"rows-{part}")
            rows.setProperty("role", "muted")
            rows.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            grid.addWidget(title, i, 0)
            grid.addWidget(box, i, 1)
            grid.addWidget(percent, i, 2)
            grid.addWidget(rows, i, 3)
            self.shares[part], self.rows[part], self._percent[part] = box, rows, percent
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(8)
        seed = QLabel("Seed")
        seed.setToolTip("The same seed gives the same shuffle, so that a result can be repeated.")
        self.seed = NumberEdit(integer=True, minimum=0, maximum=2**31 - 1)
        self.seed.setObjectName("splitSeed")
        self.seed.setAccessibleName("Seed of the shuffle")
        self.seed.setFixedWidth(84)
        self.seed.edited.connect(lambda value: self._tell(replace(self._split, seed=int(value)), "seed"))
        self.stratify = QCheckBox("Same class shares in each part")
        self.stratify.setObjectName("splitStratify")
        self.stratify.setToolTip("Stratified: each class is divided by itself, so that rare classes are in every part.")
        self.stratify.clicked.connect(lambda on: self._tell(replace(self._split, stratify=on), "stratify"))
        row.addWidget(seed)
        row.addWidget(self.seed)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.stratify)
        self.balance = BalanceChoice()
        column.addWidget(self.balance)

    def show_split(
        self,
        split: Split,
        rows: dict[str, int],
        given_test: bool,
        classes: bool,
        columns: Mapping[str, Sequence[str]] | None = None,
        balance: str = "none",
        series: bool = False,
        images: bool = False,
    ) -> None:
        """series: windows of series are parted, not rows; images: pictures. rows: how many fell to each part ({} while
        not known).
        classes: whether it can stratify and balance.
        columns: those each method can go by."""
        self._split, self._given_test = split, given_test
        self.method.show_choice(split, columns or {}, SERIES_METHODS if series else METHODS)
        self.balance.show_balance(balance, classes)
        said = split.method == "column"  # the column says it: there are no shares to set
        self.bar.setVisible(not said)
        for box in self.shares.values():
            box.setEnabled(not said)
        self.seed.setEnabled(split.method in ("random", "group"))
        self.bar.set_split(split, given_test)
        self.fold_choice.show_choice(split)
        self.folds.show_folds(replace(split, test=0.0) if given_test else split)
        for part in PARTS:
            own = part == "test" and given_test
            self.shares[part].setVisible(not own)
            self._percent[part].setVisible(not own)
            self.shares[part].set_value(round(100 * getattr(split, part), 2))
            n = rows.get(part)
            text = "" if n is None else plural(n, "window" if series else "picture" if images else "row")
            self.rows[part].setToolTip("The data brings a test part of its own." if own else "")
            self.rows[part].setText(f"{figures.count(n)}, given" if own and n is not None else text)
        self.seed.set_value(split.seed)
        self.stratify.setChecked(split.stratify)
        self.stratify.setEnabled(classes and split.method in ("random", "group"))

    def _typed(self, part: str, value: Any) -> None:
        self._tell(with_share(self._split, part, float(value) / 100, self._given_test), "shares-typed")

    def _tell(self, split: Split, what: str) -> None:
        if split != self._split:
            self._split = split
            self.changed.emit(split, what)
