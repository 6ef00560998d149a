"""A cross-validation as bars: for each fold a line, what it learns from, what it is validated on, what is kept for the
test."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from workbench.core.project import Split
from workbench.ui import theme
from workbench.ui.data.charts import soft
from workbench.ui.widgets.drop_down import DropDown

MOST = 20
_LINE, _GAP, _LABEL = 9, 4, 22

CHOICES = (0, 3, 5, 10)

Piece = tuple[str, float, float]


def fold_pieces(split: Split) -> tuple[tuple[Piece, ...], ...]:
    """For each fold its pieces (part, from, to) on 0..1, as core.data.split_table.split_folds makes them: held out in
    turn, but by time each fold learns from what lies before."""
    end = 1.0 - split.test
    made = []
    for fold in range(split.folds):
        if split.method == "time":
            step = end / (split.folds + 1)
            pieces = [("train", 0.0, (fold + 1) * step), ("validation", (fold + 1) * step, (fold + 2) * step)]
        else:
            step = end / split.folds
            begin = fold * step
            pieces = [("train", 0.0, begin), ("validation", begin, begin + step), ("train", begin + step, end)]
        pieces.append(("test", end, 1.0))
        made.append(tuple(p for p in pieces if p[2] - p[1] > 1e-9))
    return tuple(made)


class FoldBars(QWidget):
    """Hidden while there are no folds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foldBars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._folds: tuple[tuple[Piece, ...], ...] = ()
        self._fold = 0
        self.hide()
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, min(len(self._folds), MOST) * (_LINE + _GAP) + (16 if len(self._folds) > MOST else 0))

    def show_folds(self, split: Split) -> None:
        self._folds = fold_pieces(split) if split.folds >= 2 and split.method != "column" else ()
        self._fold = split.fold
        self.setVisible(bool(self._folds))
        self.setFixedHeight(max(1, self.sizeHint().height()))
        count = len(self._folds)
        how = "each learns from what lies before" if split.method == "time" else "each holds out another part"
        self.setAccessibleName(f"{count} folds: {how}")
        self.setToolTip(f"{count} trainings; {how} and is validated on it. The test rows are in none of them.")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11, tabular=True))
        wide = self.width() - _LABEL
        strength = {"train": 1.0, "validation": 0.38, "test": 0.16}
        for line, pieces in enumerate(self._folds[:MOST]):
            y = line * (_LINE + _GAP)
            painter.setPen(theme.color("accent" if line + 1 == self._fold else "muted"))
            place = QRectF(0, y - 3, _LABEL - 6, _LINE + 6)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(line + 1))
            for part, begin, end in pieces:
                area = QRectF(_LABEL + begin * wide, y, max(1.0, (end - begin) * wide - 1), _LINE)
                painter.fillRect(area, theme.color("surface"))
                painter.fillRect(area, soft("accent", strength[part]))
        if len(self._folds) > MOST:
            painter.setPen(theme.color("muted"))
            y = MOST * (_LINE + _GAP)
            painter.drawText(QRectF(_LABEL, y, wide, 16), f"and {len(self._folds) - MOST} more")


class FoldChoice(DropDown):
    """One split, or so many folds. asked(folds)."""

    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("splitFolds")
        self.setAccessibleName("Cross-validation")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(lambda _: self.asked.emit(int(self.currentData())))

    def show_choice(self, split: Split) -> None:
        """A number of folds that is none of the usual ones is offered too."""
        self.clear()
        for folds in sorted({*CHOICES, split.folds}):
            self.addItem(f"Cross-validation, {folds} folds" if folds else "One split", folds)
        if split.fold:
            self.setItemText(self.findData(split.folds), f"Fold {split.fold} of {split.folds} alone")
        self.setCurrentIndex(self.findData(split.folds))
        self.setToolTip(
            "A cross-validation trains once for each fold, validated on other rows each time, and gives mean and "
            "spread of the scores. The test rows stay out of all of them."
        )
        self.setVisible(split.method != "column")
