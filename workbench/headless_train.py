"""`workbench train`: a run, one gone on with, the folds of a cross-validation, or one machine of a cluster."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from workbench import headless
from workbench.core import crossval, edits, runs
from workbench.core.data import pipeline
from workbench.core.errors import TrainError, WorkbenchError
from workbench.core.project import Project
from workbench.core.runs import RunRecord, Start
from workbench.core.storage import NOT_COPIED, ProjectFolder
from workbench.core.waiting import Waiting
from workbench.core.wording import plural
from workbench.headless_engine import Engine, Say, open_engine
from workbench.link import messages as m
from workbench.link.attendance import Attendance
from workbench.link.journal import check_free
from workbench.link.meeting import meet
from workbench.training_lines import TrainingLines

Note = Callable[[Iterable[str]], None]


def run(given: argparse.Namespace, say: Say | None, note: Note) -> None:
    """What the options ask for, printed as it happens.

    Raises:
        WorkbenchError: it cannot be trained, or the run failed.
    """
    home = ProjectFolder(given.project)
    project = edits.set_train(**_changes(given))(home.load())
    with ExitStack() as stack:
        if given.cluster:
            home = _joined(given, home, stack, note)
        engine = stack.enter_context(open_engine())
        engine.use_threads(project.train.threads if not given.resume else 0)
        if given.folds:
            _folds(engine, home, project, given, say, note)
            return
        if given.resume:
            try:
                begun = headless.interrupted_run(ProjectFolder(given.project), given.name, say, more=given.epochs or 0)
            except TrainError:
                missing = () if given.cluster or given.epochs else _broken_off(home, given.name)
                if not missing:
                    raise
                _train_folds(engine, home, None, missing, given, say, note)
                return
            if not isinstance(home, _Elsewhere):
                check_free(begun.folder)
                record = runs.read_run(begun.folder)
                if record.group and not given.epochs:
                    missing = crossval.left_over(record.group, home.runs, {record.fold})
                    note([f"{plural(len(missing), 'fold')} missing: trained after {record.name}."] if missing else ())
                    _train_folds(engine, home, begun, missing, given, say, note)
                    return
            else:  # the first machine goes on with the run, the others beside it
                own = home.runs / begun.folder.name
                shutil.copytree(begun.folder, own, ignore=shutil.ignore_patterns("*.npz", "tensorboard", *NOT_COPIED))
                begun = replace(begun, folder=own, resume=True)
        else:
            start = _start(ProjectFolder(given.project), given.start) if given.start else None
            begun = headless.begin_run(engine, home, project, given.name, say, start=start)
        engine.use_threads(runs.read_run(begun.folder).threads)
        note(begun.notes)
        try:
            _train(engine, begun, given, note)
        except WorkbenchError as error:
            if not isinstance(home, _Elsewhere) or error.where == "--cluster":  # the machines do not fit each other
                raise
            remedy = "The run and its checkpoint are kept by the first machine (--worker 0); go on there with --resume."
            raise TrainError(error.what, where=f"worker {given.worker}", remedy=remedy) from error


def _changes(given: argparse.Namespace) -> dict[str, object]:
    options: dict[str, object] = {"seed": given.seed, "device": given.device}
    options |= {"tensorboard": given.tensorboard or None, "threads": given.threads, "keep_every": given.keep_every}
    if given.resume and given.batch_size and given.cluster:
        raise WorkbenchError(
            "The batch size of a run on several machines stays as it was.",
            remedy="Leave out --batch-size, or --cluster.",
        )
    if given.resume:
        if any(v is not None for v in options.values()) or given.start or given.folds:
            raise WorkbenchError(
                "A resumed run keeps the settings it was started with.",
                remedy="Leave out the other options (only --epochs may be higher, and --batch-size another), or begin "
                "a new run with --from.",
            )
        return {}
    options |= {"epochs": given.epochs, "batch_size": given.batch_size}
    return {k: v for k, v in options.items() if v is not None}


def _start(home: ProjectFolder, text: str) -> Start:
    """ "run 3", "run 3:last" or, with the checkpoint of an epoch that was kept, "run 3:10"."""
    name, colon, which = text.rpartition(":")
    if not colon or not (which in ("best", "last") or which.isdecimal()):
        name, which = text, "best"
    return Start(runs.find_run(home.runs, name), which)


def _train(engine: Engine, begun: headless.Begun, given: argparse.Namespace, note: Note) -> RunRecord:
    """Train a run to its end and print it; its record."""
    record = runs.read_run(begun.folder)
    show = TrainingLines(record, given.json)
    ended: m.RunEnded | None = None
    try:
        with _StopOnInterrupt(note) as stop, Attendance(begun.folder) as others:
            show.begun(begun.folder, of_cluster=bool(given.cluster))
            for event in engine.train(
                begun.folder,
                begun.resume,
                stop.asked,
                begun.epochs,
                others.wishes,
                given.batch_size or 0 if given.resume else 0,
            ):
                show.event(event)
                others.tell(event)
                if isinstance(event, m.RunEnded):
                    ended = event
    except WorkbenchError:
        if not show.started and runs.read_run(begun.folder).state == "failed" and not begun.resume:
            runs.delete_run(begun.folder)  # it never began, so there is nothing to keep
        raise
    assert ended is not None
    show.ended(ended, begun.folder, given.project)
    return runs.read_run(begun.folder)


# ---- cross-validation ----------------------------------------------------------------------------------------


def _folds(
    engine: Engine, home: ProjectFolder, project: Project, given: argparse.Namespace, say: Say | None, note: Note
) -> None:
    """Train a run for each fold, then say what they have in common."""
    group = uuid.uuid4().hex[:12]
    name = given.name or "cross-validation"
    start = _start(home, given.start) if given.start else None
    if project.features.split is None:  # folds of the way of splitting that is proposed, such as by time
        proposed = pipeline.stage(project, say, home=home).features.split
        project = replace(project, features=replace(project.features, split=proposed))
    waiting = [
        Waiting(part, f"{name}, fold {fold} of {given.folds}", start, group, fold)
        for fold, part in enumerate(crossval.fold_projects(project, given.folds), 1)
    ]
    _train_folds(engine, home, None, waiting, given, say, note)


def _broken_off(home: ProjectFolder, name: str) -> tuple[Waiting, ...]:
    """The missing folds of the newest cross-validation (of that name) that was broken off between two folds."""
    records = runs.list_runs(home.runs)
    for record in reversed(records):
        known = ("", record.id, record.name, crossval.summary(record.group, records).name) if record.group else ()
        if name in known and (missing := crossval.left_over(record.group, home.runs)):
            return missing
    return ()


def _train_folds(
    engine: Engine,
    home: ProjectFolder,
    begun: headless.Begun | None,
    waiting: Sequence[Waiting],
    given: argparse.Namespace,
    say: Say | None,
    note: Note,
) -> None:
    """Train the one that is begun, where there is one, and those that wait; then say what their group has in common.
    A fold that fails does not keep the others.

    Raises:
        WorkbenchError: some folds failed; the others are trained and told.
    """
    failed: list[tuple[str, WorkbenchError]] = []
    group = waiting[0].group if waiting else ""
    stopped = False
    as_they_are = argparse.Namespace(**{**vars(given), "batch_size": None})  # asked for that which is resumed
    if begun is not None:
        record = runs.read_run(begun.folder)
        group = record.group
        note(begun.notes)
        engine.use_threads(record.threads)
        try:
            stopped = _train(engine, begun, given, note).state in ("stopped", "aborted")
        except WorkbenchError as error:
            failed.append((record.name, error))
            note([f"{record.name} failed: {error}"])
    left = list(waiting)
    while left and not stopped:
        one = left.pop(0)
        keys = {"start": one.start, "group": one.group, "fold": one.fold, "keep": False, "as_before": given.resume}
        try:
            fold = headless.begin_run(engine, home, one.project, one.name, say, **keys)
        except WorkbenchError as error:  # what keeps one from beginning keeps the others
            failed.append((one.name, error))
            break
        note(fold.notes if one is waiting[0] else ())
        engine.use_threads(runs.read_run(fold.folder).threads)
        try:
            stopped = _train(engine, fold, as_they_are, note).state in ("stopped", "aborted")
        except WorkbenchError as error:
            failed.append((one.name, error))
            note([f"{one.name} failed: {error}"])
    if stopped and left:
        note([f"stopped; {plural(len(left), 'fold')} not trained: --resume goes on with what is missing."])
    found = crossval.summary(group, runs.list_runs(home.runs))
    if failed and not found.done:
        raise failed[0][1]
    if given.json:
        scores = {s.name: {"mean": s.mean, "spread": s.spread, "each": list(s.each)} for s in found.scores}
        told = {"event": "folds", "group": group, "folds": found.folds, "done": found.done, "scores": scores}
        print(headless.write_json(told | {"failed": list(found.failed)}), flush=True)
    else:
        print(crossval.in_words(found))
    if failed and not stopped:
        what = f"{plural(len(failed), 'fold')} of {found.folds} failed: {failed[0][0]}: {failed[0][1].what}"
        remedy = f"workbench train {headless.quoted(given.project)} --resume trains what is missing."
        raise TrainError(what, where=failed[0][1].where, remedy=remedy)


# ---- several machines ----------------------------------------------------------------------------------------


def _joined(given: argparse.Namespace, home: ProjectFolder, stack: ExitStack, note: Note) -> ProjectFolder:
    """Make this process one machine of the cluster. The first keeps the run; others train in a folder of their own.

    Raises:
        TrainError: the addresses or the number do not fit each other, or another machine does not come.
    """
    addresses = [text.strip() for text in given.cluster.split(",") if text.strip()]
    for address in addresses:
        host, colon, port = address.rpartition(":")
        if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
            raise TrainError(
                f"{address!r} is no address of a machine.",
                where="--cluster",
                remedy="Name each as host:port, with commas between, such as 192.168.1.5:2222,192.168.1.6:2222.",
            )
    if len(addresses) < 2 or len(set(addresses)) != len(addresses):
        raise TrainError("A cluster has at least two different addresses.", where="--cluster")
    if given.worker is None or not 0 <= given.worker < len(addresses):
        raise TrainError(
            f"This machine must say which of the {len(addresses)} it is.",
            where="--worker",
            remedy=f"Give --worker 0 on the first machine (it keeps the run) up to --worker {len(addresses) - 1}.",
        )
    if given.folds:
        raise TrainError("Folds are trained on one machine.", where="--folds", remedy="Leave out --cluster.")
    meet(addresses, given.worker, told=lambda text: note([text]))
    task = {"type": "worker", "index": given.worker}
    before = os.environ.get("TF_CONFIG")
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})
    stack.callback(_restore, "TF_CONFIG", before)
    if given.worker == 0:
        return home
    own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-worker-")))
    return _Elsewhere(home.path, own)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


class _Elsewhere(ProjectFolder):
    """A project whose runs are kept in another folder, and which is not written."""

    def __init__(self, path: Path, runs_folder: Path) -> None:
        super().__init__(path)
        self._runs_folder = runs_folder

    @property
    def runs(self) -> Path:
        return self._runs_folder

    def save(self, project: Project) -> None:
        return


class _StopOnInterrupt:
    """The first Ctrl+C asks for a stop that keeps the best weights; the second ends the program."""

    def __init__(self, note: Note) -> None:
        self._note = note

    def __enter__(self) -> _StopOnInterrupt:
        self._asked = False
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        self._asked = True
        self._note(["stopping; the best weights are kept. Ctrl+C again ends at once."])

    def asked(self) -> bool:
        return self._asked
