"""The whole journey on a sample, in the real window: open, clean, build, train, test, export, with pictures of it all.

Needs no screen and no network. A third face: it knows the window, the command line's words and the way to an engine.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.core.errors import ProjectError, WorkbenchError

if TYPE_CHECKING:
    from workbench.ui.session import Session
    from workbench.ui.window import MainWindow

SAMPLE = "digits"
EPOCHS = 12
FORMATS = ("keras", "onnx")
PATIENCE = 120.0
"""Seconds any one station may take before the demo says that it is stuck."""


def demo(out: Path) -> int:
    """Run it and leave everything in `out`: pictures/, project/, model.keras, model.onnx, report.html.

    With a screen the window stays open at the end. Returns the exit status.

    Raises:
        WorkbenchError: the folder holds something else, or a station failed; in the words the window would use.
    """
    from workbench.__main__ import fail, missing_library, no_screen, transport

    begin = time.perf_counter()
    on_screen = not no_screen() and "QT_QPA_PLATFORM" not in os.environ
    if not on_screen:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from workbench.ui.app import make_application, make_window
    except ImportError as error:
        return fail(missing_library(error))
    out = out.expanduser().absolute()
    _clear(out)
    app = make_application([])
    window = make_window(app, transport())
    window.resize(1280, 800)
    window.show()
    session = window.session
    say = _Say(begin)
    try:
        session.start_engine()
        _journey(session, window, out, say)
        say(f"done: {out}")
        print(f"  report    {out / 'report.html'}")
        print(f"  model     {out / 'model.keras'}  {out / 'model.onnx'}")
        print(f"  pictures  {out / 'pictures'}")
        if on_screen:
            window.show_page("test")
            return int(app.exec())
        return 0
    finally:
        session.shut_down()
        window.close()


class _Say:
    """One line a station, with the seconds since the start."""

    def __init__(self, begin: float) -> None:
        self._begin = begin

    def __call__(self, text: str) -> None:
        print(f"{time.perf_counter() - self._begin:5.1f} s  {text}", flush=True)


def _clear(out: Path) -> None:
    """Remove what an earlier demo left; never anything else."""
    mark = out / ".demo"
    if out.exists() and not out.is_dir():
        raise ProjectError("This is a file.", where=str(out), remedy="Name a folder with --out.")
    if out.is_dir() and any(out.iterdir()):
        if not mark.is_file():
            raise ProjectError("This folder holds other files.", where=str(out), remedy="Name a new folder with --out.")
        shutil.rmtree(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        mark.write_text("Made by workbench demo; a later demo may replace it.\n")
    except OSError as error:
        raise ProjectError(
            f"The folder cannot be written ({error.strerror or error}).",
            where=str(out),
            remedy="Name another with --out.",
        ) from error


def _wait(session: Session, what: str, ready: Callable[[], bool]) -> None:
    """Let the window work until `ready`. Raises WorkbenchError when a station is stuck or the engine is gone."""
    from workbench.ui import tour

    limit = time.monotonic() + PATIENCE
    while not ready():
        if session.dataset_error is not None:
            raise session.dataset_error
        if session.engine.state == "dead" and not session.engine.restarting:
            raise WorkbenchError(session.engine.text, where=what, remedy="Try `workbench check`.")
        if time.monotonic() > limit:
            raise WorkbenchError(f"{what} took longer than {PATIENCE:.0f} s.", remedy="Try `workbench check`.")
        tour.wait(20)


def _journey(session: Session, window: MainWindow, out: Path, say: _Say) -> None:
    from workbench.core import edits
    from workbench.ui import tour

    say(f"open the sample {SAMPLE}")
    session.open_sample(SAMPLE)
    _wait(session, "Opening the sample", lambda: session.facts is not None)
    saved: list[bool] = []
    session.save_as(out / "project", lambda: saved.append(True))
    _wait(session, "Saving the project", lambda: bool(saved))
    session.apply(edits.set_train(epochs=EPOCHS), f"Set epochs to {EPOCHS}")
    say("the engine warms up behind the window")
    _wait(session, "Starting the engine", lambda: session.resolved.can_train)
    layers = len(session.project.graph.nodes) - 2
    where = ", ".join(d.title for d in session.engine.devices[:2]) or "this machine"
    say(f"train a net of {layers} layers for {EPOCHS} epochs on {where}")
    window.show_page("train")
    if not session.train():
        raise WorkbenchError(session.resolved.why_not, where="train")
    _wait(session, "Training", lambda: session.run is not None and not session.run.active)
    run = session.run
    assert run is not None
    if run.error is not None:
        raise run.error
    _wait(session, "Reading the run", lambda: session.run is not None and session.run.record.usable)
    record = session.run.record
    say(f"{record.name}: {record.epochs_done} epochs in {record.seconds:.1f} s")
    _export(session, window, out, say)
    say("take pictures of every page")
    for look in ("light", "dark"):
        tour.shoot(session, window, out / "pictures", look)
    _report(session, out, say)


def _export(session: Session, window: MainWindow, out: Path, say: _Say) -> None:
    """Through the page, so that its ticks are in the pictures."""
    from workbench.ui.export.formats import FORMATS as ALL
    from workbench.ui.export.page import ExportPage

    window.show_page("export")
    page = window.page("export")
    assert isinstance(page, ExportPage)
    _wait(session, "Showing the run", lambda: page.record is not None)
    page.export_to([(f, out / f"model{f.suffix}") for f in ALL if f.key in FORMATS])
    _wait(session, "Exporting", lambda: not page.busy)
    for name, outcome in page.outcomes().items():
        if isinstance(outcome, WorkbenchError):
            raise outcome
        say(f"export {name}: checked with {outcome.runtime}, largest difference {outcome.difference:.1g}")


def _report(session: Session, out: Path, say: _Say) -> None:
    from workbench.core import metrics, runs
    from workbench.core.data.prepared import open_prepared
    from workbench.core.report import Report, Scored, report_html
    from workbench.core.storage import atomic_write
    from workbench.link.messages import Evaluated, Failed, Message

    assert session.run is not None
    folder = session.run.folder
    answers: list[Message] = []
    session.evaluate(folder, answers.append)
    _wait(session, "Scoring", lambda: bool(answers))
    answer = answers[0]
    if isinstance(answer, Failed):
        raise WorkbenchError(answer.what, where=answer.where, remedy=answer.remedy)
    assert isinstance(answer, Evaluated)
    record = runs.read_run(folder)
    prepared = open_prepared(Path(record.prepared))
    target = prepared.preprocessor.target
    assert target is not None
    truth = np.asarray(prepared.part("test").y)
    matrix = metrics.confusion(truth, metrics.predicted_classes(answer.y), len(target.classes))
    base = metrics.baseline(target, np.asarray(prepared.part("train").y), truth)
    right = 100 * metrics.accuracy(matrix)
    say(f"test: accuracy {right:.1f} % on {len(truth):,} rows; {base.text.lower()}: {100 * base.value:.1f} %")
    pictures = sorted((out / "pictures").glob("*-light.png"))
    page = report_html(
        Report(
            session.project,
            record,
            prepared.facts,
            runs.read_history(folder),
            Scored("test", len(truth), dict(answer.metrics), base, matrix),
            [(f"pictures/{p.name}", p.stem.split("-")[1].capitalize()) for p in pictures],
        )
    )
    atomic_write(out / "report.html", page.encode())


if __name__ == "__main__":
    sys.exit(demo(Path("demo-output")))
