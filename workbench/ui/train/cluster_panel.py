"""Training on several machines: the command line for each, and the run of the first one followed here. UI thread only.

The machines are reached by nobody but TensorFlow itself: each runs one of these lines, on a copy of the project's
folder at the same place or on a shared one. The first keeps the run.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui import theme
from workbench.ui.widgets.section import Section

ABOUT = (
    "Several machines share each batch. Each needs the project's folder and data at the same place, and runs its line."
)
ABOUT_RUNNING = (
    "Pause, stop and change it as any run; from a terminal by “workbench control”. When a machine is lost it ends, and "
    "goes on from its checkpoint with any number of them."
)


def addresses(text: str) -> tuple[list[str], str]:
    """The machines named in a text, and why they cannot be used ("" when they can)."""
    found = [part.strip() for part in text.replace("\n", ",").replace(" ", ",").split(",") if part.strip()]
    for address in found:
        host, colon, port = address.rpartition(":")
        if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
            return found, f"“{address}” needs a port, such as 192.168.1.5:2222."
    if len(set(found)) != len(found):
        return found, "The same address is there twice."
    if len(found) < 2:
        return found, "Name at least two machines, each as host:port."
    return found, ""


def lines(project: str, machines: Sequence[str], resume: str = "", start: str = "") -> list[str]:
    """The command line for each machine, the first one's first. resume: name of the run to go on with. start: the
    weights to begin with, as --from takes them."""
    cluster = ",".join(machines)
    more = f" --resume --name {shlex.quote(resume)}" if resume else f" --from {shlex.quote(start)}" if start else ""
    return [
        f"workbench train {shlex.quote(project)} --cluster {cluster}{more} --worker {i}" for i in range(len(machines))
    ]


def program(project: str, machines: Sequence[str], resume: str = "", start: str = "") -> tuple[str, list[str]]:
    """What starts the first machine's part on this machine: the program and its arguments."""
    cluster = ",".join(machines)
    more = ["--resume", "--name", resume] if resume else ["--from", start] if start else []
    arguments = ["-m", "workbench", "train", project, "--cluster", cluster, "--worker", "0", *more, "--json"]
    return sys.executable, arguments


class ClusterPanel(QWidget):
    """`start(machines, resume)`: begin the first machine's part here and follow it; resume: name of a run to go on
    with, or "". `stop()`: end it and keep the best."""

    start = Signal(object, str)
    stop = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("clusterPanel")
        self._project = ""
        self._running = False
        self._interrupted = ""
        self._start = ""
        self._told: list[tuple[str, str]] = []  # (machine, command line) as they are shown
        self.section = Section("Train on a cluster…", folded=True)
        self.section.setObjectName("section_cluster")
        self.about = QLabel(ABOUT)
        self.about.setWordWrap(True)
        theme.set_role(self.about, "caption")
        self.machines = QLineEdit()
        self.machines.setObjectName("clusterMachines")
        self.machines.setAccessibleName("Machines of the cluster, each as host:port, with commas between")
        self.machines.setPlaceholderText("192.168.1.5:2222, 192.168.1.6:2222")
        self.machines.textChanged.connect(lambda _t: self._show())
        self.complaint = QLabel()
        self.complaint.setObjectName("clusterComplaint")
        self.complaint.setWordWrap(True)
        theme.set_role(self.complaint, "error")
        self.resume = QCheckBox()
        self.resume.setObjectName("clusterResume")
        self.resume.setToolTip("From its checkpoint, with as many machines as are named here.")
        self.resume.toggled.connect(lambda _on: self._show())
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.begin = QPushButton()
        self.begin.setObjectName("clusterStart")
        self.begin.clicked.connect(self._pressed)
        self.state = QLabel()
        self.state.setObjectName("clusterState")
        self.state.setWordWrap(True)
        theme.set_role(self.state, "caption")
        for widget in (self.about, self.machines, self.complaint, self.resume):
            self.section.add(widget)
        self.section.body_layout.addLayout(self._rows)
        self.section.add(self.begin)
        self.section.add(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)
        self._show()

    def set_project(self, folder: str) -> None:
        """Where the project is kept."""
        if folder != self._project:
            self._project = folder
            self._show()

    def set_interrupted(self, name: str) -> None:
        """The run that can be gone on with; "" when there is none."""
        if name != self._interrupted:
            self._interrupted = name
            self.resume.setText(f"Go on with {name}")
            self.resume.setChecked(bool(name))
            self._show()

    def set_start(self, start: str) -> None:
        """The weights that a new run begins with, as --from takes them; "" for new ones."""
        if start != self._start:
            self._start = start
            self._show()

    @property
    def _resumed(self) -> str:
        return self._interrupted if self.resume.isChecked() else ""

    def show_state(self, running: bool, text: str) -> None:
        """What the first machine's part says."""
        self._running = running
        self.about.setText(ABOUT_RUNNING if running else ABOUT)
        self.machines.setReadOnly(running)
        self.resume.setVisible(bool(self._interrupted) and not running and not addresses(self.machines.text())[1])
        self.state.setText(text)
        self.state.setVisible(bool(text))
        self._show_button()

    def _show(self) -> None:
        found, wrong = addresses(self.machines.text())
        asked = bool(self.machines.text().strip())
        self.complaint.setText(wrong)
        self.complaint.setVisible(asked and bool(wrong))
        self.resume.setVisible(bool(self._interrupted) and not wrong and not self._running)
        told = [] if wrong else list(zip(found, lines(self._project, found, self._resumed, self._start), strict=True))
        if told != self._told:
            self._told = told
            while self._rows.count():
                row = self._rows.takeAt(0).widget()
                if row is not None:
                    row.hide()  # it would be painted below the new ones until it is gone
                    row.deleteLater()
            for number, (machine, line) in enumerate(told):
                self._rows.addWidget(_Line(machine if number else f"{machine}, this machine", line))
        self._show_button()

    def _show_button(self) -> None:
        _, wrong = addresses(self.machines.text())
        self.begin.setText("Stop, keep the best" if self._running else "Start the first one here")
        self.begin.setVisible(self._running or not wrong)
        self.state.setVisible(bool(self.state.text()))

    def _pressed(self) -> None:
        if self._running:
            self.stop.emit()
        else:
            self.start.emit(addresses(self.machines.text())[0], self._resumed)


class _Line(QWidget):
    """A command line to be copied."""

    def __init__(self, machine: str, line: str) -> None:
        super().__init__()
        caption = QLabel(machine)
        theme.set_role(caption, "caption")
        text = QLineEdit(line)
        text.setReadOnly(True)
        text.setCursorPosition(len(line))  # its end says which of them it is
        text.setAccessibleName(f"Command line for {machine}")
        text.setToolTip(line)
        copy = QPushButton("Copy")
        copy.setAccessibleName(f"Copy the command line for {machine}")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(line))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(text, 1)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(caption)
        column.addLayout(row)
