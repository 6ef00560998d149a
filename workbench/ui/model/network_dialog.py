"""The networks of keras.applications: which one, with which weights, frozen or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.applications import NETWORKS, Network, cached
from workbench.ui import theme
from workbench.ui.widgets.label import plain_label

NAME, SIZE, WEIGHTS = range(3)
AskFile = Callable[[QWidget], Path | None]


def ask_weights(parent: QWidget) -> Path | None:
    """The file of weights a person chooses; None when they back out."""
    name, _ = QFileDialog.getOpenFileName(parent, "Weights of the network", "", "Weights (*.h5);;All files (*)")
    return Path(name) if name else None


class NetworkDialog(QDialog):
    """wanted(name, file, frozen): file "" for what Keras has downloaded before, or random weights.

    found: {name: weights on this machine}, looked up by a job, as it reads the disk.
    """

    wanted = Signal(str, str, bool)

    def __init__(self, found: dict[str, Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("network-dialog")
        self.setWindowTitle("Start from a known network")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 560)
        self._found = found
        self._file: Path | None = None
        self.ask: AskFile = ask_weights
        words = QLabel(
            "The networks that come with Keras, with a new answer for your classes. Nothing is downloaded: weights "
            "come from a file, or from what Keras has downloaded on this machine before."
        )
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self.search = QLineEdit()
        self.search.setObjectName("network-search")
        self.search.setPlaceholderText("Search networks")
        self.search.setAccessibleName("Search networks")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setObjectName("network-list")
        self.list.setAccessibleName("Networks")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHeaderLabels(["Network", "Parameters", "Weights"])
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        for one in NETWORKS:
            self.list.addTopLevelItem(self._row(one))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (SIZE, WEIGHTS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.list.itemDoubleClicked.connect(lambda *_: self._accept())
        self.blurb = QLabel()
        self.blurb.setObjectName("network-blurb")
        self.blurb.setWordWrap(True)
        self.weights = plain_label(role="muted", name="network-weights")
        self.choose = QPushButton("Choose a file of weights…")
        self.choose.setObjectName("network-choose")
        self.choose.clicked.connect(self._choose)
        self.frozen = QCheckBox("Freeze it: only the new answer learns")
        self.frozen.setObjectName("network-frozen")
        self.frozen.setChecked(True)
        line = QHBoxLayout()
        line.addWidget(self.weights, 1)
        line.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use = buttons.addButton("Put it on the canvas", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setObjectName("network-use")
        theme.set_role(self.use, "primary")
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE)
        column.setSpacing(theme.SPACE)
        for widget in (words, self.search):
            column.addWidget(widget)
        column.addWidget(self.list, 1)
        column.addWidget(self.blurb)
        column.addLayout(line)
        column.addWidget(self.frozen)
        column.addWidget(buttons)
        self.list.setCurrentItem(self.list.topLevelItem(0))
        self.search.setFocus()

    def _row(self, one: Network) -> QTreeWidgetItem:
        size = one.parameters / 1e6
        where = "on this machine" if one.name in self._found else "random"
        item = QTreeWidgetItem([one.title, f"{size:.1f} million", f"   {where}"])
        item.setData(NAME, Qt.ItemDataRole.UserRole, one.name)
        item.setTextAlignment(SIZE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(NAME, one.blurb)
        item.setSizeHint(NAME, QSize(0, theme.px(13) + 12))
        return item

    @property
    def network(self) -> Network | None:
        """The one that is selected."""
        item = self.list.currentItem()
        name = item.data(NAME, Qt.ItemDataRole.UserRole) if item is not None and not item.isHidden() else ""
        return next((one for one in NETWORKS if one.name == name), None)

    def select(self, name: str) -> None:
        """Select the network of that name."""
        for i in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(i)
            if item is not None and item.data(NAME, Qt.ItemDataRole.UserRole) == name:
                self.list.setCurrentItem(item)

    def _filter(self, text: str) -> None:
        words = text.lower().replace("-", " ").split()
        first: QTreeWidgetItem | None = None
        for i, one in enumerate(NETWORKS):
            item = self.list.topLevelItem(i)
            assert item is not None
            said = f"{one.title} {one.name} {one.blurb}".lower()
            item.setHidden(not all(word in said for word in words))
            first = item if first is None and not item.isHidden() else first
        current = self.list.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self.list.setCurrentItem(first)
        self._show()

    def _choose(self) -> None:
        file = self.ask(self)
        if file is not None:
            self._file = file
            self._show()

    def _show(self) -> None:
        one = self.network
        self.use.setEnabled(one is not None)
        self.choose.setEnabled(one is not None)
        if one is None:
            self.blurb.setText("No network is called so.")
            self.weights.setText("")
            return
        self.blurb.setText(f"{one.blurb} Pictures of at least {one.smallest} × {one.smallest} pixels.")
        file = self._file or self._found.get(one.name)
        if file is None:
            self.weights.setText("No weights on this machine: it starts from random ones and has all to learn.")
        elif self._file is not None:
            self.weights.setText(f"Starts from the weights in {file.name}.")
        else:
            self.weights.setText(f"Starts from the weights Keras keeps on this machine ({file.name}).")
        self.frozen.setEnabled(file is not None)

    def _accept(self) -> None:
        one = self.network
        if one is None:
            return
        self.wanted.emit(one.name, str(self._file or ""), self.frozen.isChecked())
        self.accept()


def on_this_machine() -> dict[str, Path]:
    """{network: weights Keras has downloaded before}; reads the disk."""
    found = ((one.name, cached(one)) for one in NETWORKS)
    return {name: place for name, place in found if place is not None}
