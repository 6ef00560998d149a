"""A cluster's first machine as a program of its own: started, told of, and ended. Its run is followed by its folder.

The engine of the window stays free. UI thread only.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from workbench.core.wording import plural
from workbench.ui.train.cluster_panel import program

ROOT = Path(__file__).resolve().parents[2]


class ClusterRun(QObject):
    """Signals: told(running, text) for people; begun(folder) when its run has one, by which it is followed (see
    following); ended(problem), "" when all is well."""

    told = Signal(bool, str)
    begun = Signal(str)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._left: list[QProcess] = []  # of projects that were closed; they are saving
        self._text = b""
        self._errors = ""
        self._epochs = 0

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, project: str, machines: Sequence[str], resume: str = "", start: str = "") -> None:
        """Start it; nothing happens while one runs. resume: name of the run to go on with. start: of --from."""
        if self._process is not None:
            return
        self._text, self._errors, self._epochs = b"", "", 0
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        inherited = environment.value("PYTHONPATH", "")
        environment.insert("PYTHONPATH", os.pathsep.join(p for p in (str(ROOT), inherited) if p))
        process.setProcessEnvironment(environment)
        for signal_, slot in self._listened(process):
            signal_.connect(slot)
        self._process = process
        path, arguments = program(project, machines, resume, start)
        process.start(path, arguments)
        self.told.emit(True, "Waiting for the other machines.")

    def stop(self) -> None:
        """End it as Ctrl+C does: the best weights are kept."""
        if self._process is not None:
            _interrupt(self._process)
            self.told.emit(True, "Stopping.")

    def kill(self) -> None:
        """End it at once, as it does not answer; its last checkpoint stays."""
        if self._process is not None:
            self._process.kill()

    def leave(self) -> None:
        """Its project is closed: end it as `stop` does; what it still says is told to nobody."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal_, slot in self._listened(process):
            signal_.disconnect(slot)
        self._left.append(process)
        process.finished.connect(lambda *_: self._gone(process))
        _interrupt(process)
        self.told.emit(False, "")

    def _gone(self, process: QProcess) -> None:
        if process in self._left:
            self._left.remove(process)
            process.deleteLater()

    def _listened(self, process: QProcess) -> tuple[tuple[Any, Any], ...]:
        return (
            (process.readyReadStandardOutput, self._read),
            (process.readyReadStandardError, self._read_errors),
            (process.finished, self._over),
            (process.errorOccurred, self._failed),
        )

    def shut_down(self) -> None:
        """End it with the window; its checkpoint stays."""
        ending = [p for p in (self._process, *self._left) if p is not None]
        self._process, self._left = None, []
        for process in ending:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(3000)

    def _read(self) -> None:
        if self._process is None:
            return
        self._text += bytes(self._process.readAllStandardOutput().data())
        *whole, self._text = self._text.split(b"\n")
        for line in whole:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # not ours: a library printed it
            if isinstance(event, dict):
                self._event(event)

    def _event(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "begun":
            self.told.emit(True, f"{event.get('run', '')} begins.")
            self.begun.emit(str(event.get("folder", "")))
        elif kind == "epoch":
            self._epochs = int(event.get("epoch", 0))
            shown = [f"{k.replace('_', ' ')} {event[k]:.4g}" for k in ("loss", "val_loss") if event.get(k) is not None]
            self.told.emit(True, f"Epoch {self._epochs}: {', '.join(shown)}")
        elif kind == "note":
            self.told.emit(True, str(event.get("text", "")))

    def _read_errors(self) -> None:
        if self._process is not None:
            self._errors += bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end("The program could not be started.")

    def _over(self, status: int, _how: object) -> None:
        self._read()
        self._read_errors()
        said = [line for line in self._errors.splitlines() if line.startswith("workbench: ")]
        problem = said[-1].removeprefix("workbench: ") if said else ""
        self._end("" if status == 0 else problem or "The program ended unexpectedly.")

    def _end(self, problem: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self.told.emit(False, problem or f"Trained for {plural(self._epochs, 'epoch')}.")
        self.ended.emit(problem)


def _interrupt(process: QProcess) -> None:
    if os.name == "posix" and process.processId():
        os.kill(process.processId(), signal.SIGINT)
    else:
        process.terminate()
