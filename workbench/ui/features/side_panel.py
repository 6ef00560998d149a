"""The right side of the Features page: target and task, split, class shares in each part, the audit."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.ui.features.side import AuditList, ClassChips, ClassShares
from workbench.ui.features.split_bar import SplitPanel
from workbench.ui.features.target_list import TargetList

TASKS = (
    ("auto", "Auto", "Found out from the target"),
    ("classification", "Classification", "Choose between classes"),
    ("regression", "Regression", "Predict a number"),
)
SIDE_WIDTH = 320


def label(text: str = "", role: str = "", name: str = "") -> QLabel:
    """A plain, wrapping label."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    if role:
        made.setProperty("role", role)
    if name:
        made.setObjectName(name)
    return made


class SidePanel(QScrollArea):
    """Its parts are public: the page fills them. task_asked(task)."""

    task_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("featuresSide")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(SIDE_WIDTH)
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(label("Target", "heading"))
        self.target = label(name="targetName")
        column.addWidget(self.target)
        self.targets = TargetList()
        column.addWidget(self.targets)
        self.task_row = QWidget()
        row = QHBoxLayout(self.task_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._tasks = QButtonGroup(self)
        for i, (task, title, tip) in enumerate(TASKS):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setProperty("role", "quiet")
            button.setObjectName(f"task-{task}")
            button.setToolTip(tip)
            self._tasks.addButton(button, i)
            row.addWidget(button)
        row.addStretch(1)
        self._tasks.idClicked.connect(lambda i: self.task_asked.emit(TASKS[i][0]))
        column.addWidget(self.task_row)
        self.chips = ClassChips()
        column.addWidget(self.chips)
        column.addSpacing(8)
        column.addWidget(label("Split", "heading"))
        self.split = SplitPanel()
        column.addWidget(self.split)
        self.shares_title = label("Classes in each part", "caption", "sharesTitle")
        column.addWidget(self.shares_title)
        self.shares = ClassShares()
        column.addWidget(self.shares)
        self.notes = label(role="muted", name="planNotes")
        column.addWidget(self.notes)
        column.addSpacing(8)
        column.addWidget(label("Before you train", "heading"))
        self.audit = AuditList()
        column.addWidget(self.audit)
        column.addStretch(1)

    def show_task(self, task: str) -> None:
        """What the person set: "auto", "classification" or "regression"."""
        for i, (name, _, _) in enumerate(TASKS):
            self._tasks.button(i).setChecked(name == task)
