"""The run that another program trains, shown as if it were trained here: a cluster's first machine, started by this
window (cluster_run) or by somebody else over a shared folder. UI thread only."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.core.errors import WorkbenchError
from workbench.core.history import History
from workbench.core.runs import RunRecord, read_history, read_run
from workbench.link.journal import trained_by
from workbench.link.messages import Adjust, Control, Failed, Message, RunEnded

from .cluster_run import ClusterRun
from .following import Following
from .jobs import Jobs
from .live_run import LiveRun
from .notices import Notice
from .runner import Runner

log = logging.getLogger(__name__)
SILENT = "The program that trains it does not answer."


class Followed(QObject):
    """Signals: notice(Notice)."""

    notice = Signal(object)

    def __init__(self, runner: Runner, cluster: ClusterRun, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner, self._cluster, self._jobs = runner, cluster, jobs
        self._following = Following(self)
        self._run: LiveRun | None = None
        self._last: Failed | None = None  # how the run ended, while its program still says why
        self._problem = ""  # what its program said at its end
        self._following.heard.connect(self._heard)
        self._following.quiet.connect(self._quiet)
        self._following.refused.connect(self._refused)
        runner.asked_elsewhere.connect(self._ask)
        cluster.begun.connect(self._begun)
        cluster.ended.connect(self._program_ended)

    # ---- beginning -------------------------------------------------------------------------------------------

    def train(
        self, project: Path, runs: Path, machines: Sequence[str], epochs: int, resume: str, start: str = ""
    ) -> None:
        """Start the first machine's part here and follow it. resume: name of the run to go on with, or "". start: the
        weights to begin with, as --from takes them."""
        name = resume or f"on {len(machines)} machines"
        text = "Waiting for the other machines"
        self._last, self._problem = None, ""
        self._run = LiveRun(runs, RunRecord("", name, epochs=epochs), state="tracing", text=text, elsewhere=True)
        self._runner.show(self._run)
        self._cluster.start(str(project), machines, resume, start)

    def follow(self, folder: Path) -> None:
        """Show a run that some program trains now, and follow it."""
        self._last, self._problem = None, ""

        def read(_progress: object, _cancelled: object) -> tuple[RunRecord, History]:
            history = read_history(folder) if (folder / "history.npz").is_file() else History()
            history.batches.make_pyramids()
            return read_run(folder), history

        def done(found: tuple[RunRecord, History]) -> None:
            self._run = LiveRun(folder, *found, state="tracing", text="Starting", elsewhere=True)
            self._runner.show(self._run)
            self._following.start(folder)

        self._jobs.run(self, "follow", read, done, self._refused)

    def offer(self, records: Sequence[RunRecord], runs: Path) -> None:
        """Of the runs that look interrupted: offer to follow those that a program trains, to resume the others."""

        def look(_progress: object, _cancelled: object) -> dict[str, str]:
            found = {}
            for record in records:
                try:
                    by = trained_by(runs / record.id)
                except OSError as error:  # said when it is resumed
                    log.info("%s cannot be read: %s", record.id, error)
                    by = None
                found[record.id] = by.computer if by is not None else ""
            return found

        def done(trained: dict[str, str]) -> None:
            for record in records:
                folder = runs / record.id
                where = trained.get(record.id, "")
                if where:
                    text = f"{record.name} is trained by another program, on {where}."
                    action = (f"Follow {record.name}", lambda folder=folder: self.follow(folder))
                else:
                    text = f"{record.name} was interrupted after {record.epochs_done} epochs."
                    action = (f"Resume {record.name}", lambda folder=folder: self._runner.beginning.resume(folder))
                severity = "info" if where else "warning"
                self.notice.emit(Notice(text, severity, (action,), key="train", page="" if where else "runs"))

        own = self._runner.attending.runs  # of a project that was left and is open again: about to end
        records = [record for record in records if record.id not in own]
        if records:
            self._jobs.run(self, "offer", look, done)

    def _begun(self, folder: str) -> None:
        self.follow(Path(folder))

    # ---- what it tells ---------------------------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        run = self._run
        if run is None or run is not self._runner.run:
            return
        if isinstance(message, Failed) and self._cluster.running:
            self._last = message  # its program says why, in a moment
        elif isinstance(message, Failed):
            self._over(replace(message, what=self._problem or message.what))
        elif isinstance(message, RunEnded):
            self._over(message)
        else:
            self._runner.heard(message)

    def _over(self, message: RunEnded | Failed) -> None:
        run, self._run, self._last, self._problem = self._run, None, None, ""
        if run is not None:
            self._runner.over(run, message)

    def _program_ended(self, problem: str) -> None:
        """The first machine's part, started here, is over."""
        run = self._run
        if run is None:
            return
        if self._last is not None:
            self._over(replace(self._last, what=problem or self._last.what))
        elif run.id:
            self._problem = problem
        else:  # it never began
            self._over(Failed(problem, cancelled=not problem))

    def _quiet(self, quiet: bool) -> None:
        run = self._run
        if run is None or not run.active:
            return
        run.text = SILENT if quiet else ""
        self._runner.run_changed.emit()
        if not quiet:
            self.notice.emit(Notice(f"{run.name} answers again.", "info", key="silent", lasting=False))
            return
        here = self._cluster.running
        action = ("End its program", self._cluster.kill) if here else ("Follow it no more", self.leave)
        lost = "Its last checkpoint stays." if here else "It is asked nothing more, and trains on if it can."
        text = f"{run.name}: {SILENT}\nWhat you asked is done when it answers again. {action[0]}: {lost}"
        self.notice.emit(Notice(text, "warning", (action,), key="silent"))

    # ---- asking ----------------------------------------------------------------------------------------------

    def _ask(self, message: Adjust | Control) -> None:
        run = self._run
        if run is None:
            return
        if not run.id:  # its program prepares the data or waits for the others: there is no folder to ask in
            if isinstance(message, Control) and message.action in ("stop", "abort"):
                self._cluster.stop()
            else:
                self.notice.emit(Notice(f"{run.name} has not begun yet.", "info", key="train", lasting=False))
            return
        if isinstance(message, Control) and message.action == "pause":
            run.text = "Asked to pause"
        elif isinstance(message, Control) and message.action == "resume":
            run.text = "Asked to go on"
        self._runner.run_changed.emit()
        self._following.ask(message)

    def _refused(self, error: WorkbenchError) -> None:
        self.notice.emit(Notice.of(error, key="train"))
        if self._run is not None and self._run.state == "stopping":  # it trains on
            self._run.state, self._run.text = "running", ""
            self._runner.run_changed.emit()

    # ---- the end ---------------------------------------------------------------------------------------------

    @property
    def here(self) -> bool:
        """Whether the run's program was started by this window."""
        return self._cluster.running

    def leave(self) -> None:
        """Follow it no more. A program that this window started is ended, and keeps the best."""
        run, self._run = self._run, None
        self._following.stop()
        self._cluster.leave()
        if run is not None and run is self._runner.run:
            self._runner.leave()

    def shut_down(self) -> None:
        """With the window."""
        self._following.shut_down()
        self._cluster.shut_down()
