"""The right side of the Features page: target and task, split, class shares in each part, the audit."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.ui.features.side import AuditList, ClassChips, ClassShares
from workbench.ui.features.split_bar import SplitPanel
from workbench.ui.features.target_list import TargetList
from workbench.ui.widgets.label import plain_label

REBUILD = "reconstruction"
TASKS = (
    ("auto", "Auto", "Found out from the target"),
    ("classification", "Classification", "Choose between classes"),
    ("regression", "Regression", "Predict a number"),
    (REBUILD, "Rebuild the input (autoencoder)", "No target: the network learns to give back what it is given"),
)
PURPOSE = {
    "table": "The network learns to give back each row through a narrow middle, without any target. Rows that it "
    "rebuilds badly are unlike the rest: faults, frauds, slips of the pen.",
    "images": "The network learns to give back each picture through a narrow middle, without their classes. Pictures "
    "that it rebuilds badly are unlike the rest. With a Gaussian noise layer behind the Input it learns to take noise "
    "away.",
}
SIDE_WIDTH = 320


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
        self.heading = plain_label("Target", "heading", "targetHeading")
        column.addWidget(self.heading)
        self.target = plain_label(name="targetName")
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
            if task != REBUILD:
                row.addWidget(button)
        row.addStretch(1)
        self._tasks.idClicked.connect(lambda i: self.task_asked.emit(TASKS[i][0]))
        column.addWidget(self.task_row)
        self.rebuild = self._tasks.button(len(TASKS) - 1)
        column.addWidget(self.rebuild, 0, Qt.AlignmentFlag.AlignLeft)
        self.purpose = plain_label(role="muted", name="taskPurpose")
        column.addWidget(self.purpose)
        self.chips = ClassChips()
        column.addWidget(self.chips)
        column.addSpacing(8)
        column.addWidget(plain_label("Split", "heading"))
        self.split = SplitPanel()
        column.addWidget(self.split)
        self.shares_title = plain_label("Classes in each part", "caption", "sharesTitle")
        column.addWidget(self.shares_title)
        self.shares = ClassShares()
        column.addWidget(self.shares)
        self.notes = plain_label(role="muted", name="planNotes")
        column.addWidget(self.notes)
        column.addSpacing(8)
        column.addWidget(plain_label("Before you train", "heading"))
        self.audit = AuditList()
        column.addWidget(self.audit)
        column.addStretch(1)

    def show_task(self, task: str, kind: str, several: bool) -> None:
        """What the person set, one of TASKS, and what may be chosen for data of this kind ("table", "images" or
        "sequences"). several: there are several targets, whose encodings say what each of them is."""
        rebuilds, images = task == REBUILD, kind == "images"
        for i, (name, title, tip) in enumerate(TASKS):
            button = self._tasks.button(i)
            button.setChecked(name == task or (images and name == "auto" and not rebuilds))
            if name == "auto":
                button.setText("Tell the class" if images else title)
                button.setToolTip("The classes are learnt" if images else tip)
            elif name != REBUILD:
                button.setVisible(not images)
        self.task_row.setVisible(images or (kind == "table" and not (several and not rebuilds)))
        self.rebuild.setVisible(kind in PURPOSE)
        self.heading.setText("What is learnt" if rebuilds else "Target")
        self.purpose.setText(PURPOSE.get(kind, ""))
        self.purpose.setVisible(rebuilds and kind in PURPOSE)
