"""One training run as a folder that needs nothing but itself and the prepared arrays.

runs/<id>/ holds: run.json (the RunRecord), project.json (the project as it was), facts.json, preprocessor.json,
history.npz, checkpoint.npz (all that an exact resume needs), best.npz (the model's variables at its best epoch),
kept-000010.npz and so on (checkpoints of single epochs, where they are asked for), and for a run that began with
another's weights start.json and start.npz.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from .codec import decode, encode
from .errors import ProjectError
from .facts import DataFacts
from .history import History
from .project import Json, Project, Record
from .sharing import owner, shared
from .storage import atomic_write, decode_project, encode_project, read_json
from .wiring import output_bindings

RECORD = "run.json"
STAMP = "%Y%m%d-%H%M%S-%f"  # to the millisecond
FINISHED = ("finished", "early_stopped", "stopped")


@dataclass(frozen=True)
class RunRecord(Record):
    """What is known of a run.

    state: "created" | "running" | "paused" | "finished" | "early_stopped" | "stopped" | "aborted" | "failed".
    A record that says "running" while no engine runs it was interrupted. created: seconds since 1970 (shown only;
    order is by the id). prepared: folder of the prepared arrays. best_epoch: from 0, -1 when none was completed.
    scores: {"val_loss": ..., "test.accuracy": ...} of the best epoch's weights, as Keras computes them in training;
        "test." is measured at the end of a run where that takes seconds.
    own_units: the errors of a regression in its figures are in the person's units (core.units); in runs made before
        that, they are those of the scaled target.
    parent: id of the run whose weights it began with. group, fold: of a cross-validation, whose runs share a group;
        folds count from 1, of `folds`. remarks: what a person should know of how it was computed.
    outputs: of several, the target of each by its name, with which its figures begin ("price_loss").
    threads: of the processor, asked for; 0 all. kept: epochs, from 1, of which a checkpoint is kept.
    ordered: its operations give the same sum in the same order each time; False once one has shown that it has no such
        form on its device.
    """

    id: str
    name: str
    created: float = 0.0
    state: str = "created"
    prepared: str = ""
    seed: int = 0
    epochs_done: int = 0
    epochs: int = 0
    best_epoch: int = -1
    seconds: float = 0.0
    parameters: int = 0
    device: str = ""
    mode: str = ""
    loss: str = ""
    metrics: tuple[str, ...] = ()
    message: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    parent: str = ""
    group: str = ""
    fold: int = 0
    remarks: tuple[str, ...] = ()
    own_units: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    threads: int = 0
    kept: tuple[int, ...] = ()
    folds: int = 0
    ordered: bool = True

    @property
    def interrupted(self) -> bool:
        """True when it was left in the middle: it can be resumed from its checkpoint."""
        return self.state in ("running", "paused")

    @property
    def usable(self) -> bool:
        """True when it has weights to predict with."""
        return self.best_epoch >= 0


@dataclass(frozen=True)
class Start:
    """Weights a new run begins with: of the run in `folder`, "best", "last" (with the optimizer's state) or the number
    of an epoch, from 1, of which a checkpoint was kept (likewise); "start": those it began with itself."""

    folder: Path
    which: str = "best"


def _outputs(project: Project, facts: DataFacts) -> dict[str, str]:
    """The target of each output by its name; none where there is one target."""
    bound = output_bindings(project.graph, facts) if facts.more else {}
    return {project.graph.node(i).name: target for i, target in bound.items()}


def create_run(
    runs: Path,
    project: Project,
    facts: DataFacts,
    preprocessor: Json,
    prepared: Path,
    name: str = "",
    start: Start | None = None,
    group: str = "",
    fold: int = 0,
) -> Path:
    """Freeze everything a run needs into a new folder and return it.

    start: weights to begin with, copied, so that the other run can be deleted. group, fold: see RunRecord.

    Raises:
        ProjectError: it cannot be written, or the run to start from has no weights.
    """
    records = list_runs(runs)
    number = 1 + max((_number(r.name) for r in records), default=0)
    run_id = _new_id(records)
    folder = runs / run_id
    record = RunRecord(
        id=run_id,
        name=name or f"run {number}",
        created=time.time(),
        prepared=str(prepared),
        seed=project.train.seed,
        epochs=project.train.epochs,
        parent=_parent(start),
        group=group,
        fold=fold,
        folds=project.features.split.folds if group and project.features.split else 0,
        own_units=True,
        threads=project.train.threads,
        outputs=_outputs(project, facts),
    )
    if start is not None:
        _copy_start(start, folder)
    atomic_write(folder / "project.json", encode_project(project))
    atomic_write(folder / "facts.json", json.dumps(encode(facts)).encode())
    atomic_write(folder / "preprocessor.json", json.dumps(preprocessor, allow_nan=False).encode())
    write_run(folder, record)
    return folder


def _new_id(records: Sequence[RunRecord]) -> str:
    """Ids sort in the order of creation, also where the clock was set back, as it is in autumn."""
    now = datetime.now()
    if records:
        with contextlib.suppress(ValueError):  # a folder that a person named
            now = max(now, datetime.strptime(records[-1].id[:19], STAMP) + timedelta(milliseconds=1))
    return f"{now.strftime(STAMP)[:19]}{uuid.uuid4().hex[:2]}"


def _parent(start: Start | None) -> str:
    """Id of the run whose weights it begins with."""
    if start is None:
        return ""
    return read_run(start.folder).parent if start.which == "start" else start.folder.name


def _copy_start(start: Start, folder: Path) -> None:
    parent = read_run(start.folder)
    if start.which == "start":
        _copy_as_it_began(start.folder, folder)
        return
    names: tuple[str, ...] = ("best.npz", "checkpoint.npz") if start.which == "best" else ("checkpoint.npz", "best.npz")
    of_epoch = int(start.which) if start.which.isdecimal() else 0
    if of_epoch:
        names = (kept_name(of_epoch),)
    source = next((start.folder / n for n in names if (start.folder / n).is_file()), None)
    if source is None and of_epoch:
        kept = f"Kept: epoch {', '.join(map(str, parent.kept))}." if parent.kept else "Take its best or last epoch."
        what = f"{parent.name} has no checkpoint of epoch {of_epoch}."
        raise ProjectError(what, where=start.folder.name, remedy=kept)
    if source is None:
        raise ProjectError(f"{parent.name} has no weights to begin with.", where=start.folder.name)
    last = source.name != "best.npz"
    epoch = of_epoch or (parent.epochs_done if last else parent.best_epoch + 1)
    which = "kept" if of_epoch else "last" if last else "best"
    told = {"run": parent.id, "name": parent.name, "which": which, "epoch": epoch}
    before = read_project(start.folder)
    told["optimizer"] = before.train.optimizer
    told["shared"] = {i: before.graph.node(one).name for one, ids in shared(before.graph).items() for i in ids}
    told["layers"] = {node.id: owner(before.graph, node).name for node in before.graph.nodes}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / "start.npz")
    except OSError as error:
        why = error.strerror or error
        raise ProjectError(f"The weights could not be copied ({why}).", where=str(source)) from error
    atomic_write(folder / "start.json", json.dumps(told).encode())


def _copy_as_it_began(before: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("start.npz", "start.json"):
            shutil.copyfile(before / name, folder / name)
    except OSError as error:
        why = error.strerror or error
        raise ProjectError(f"The weights could not be copied ({why}).", where=str(before)) from error


def kept_name(epoch: int) -> str:
    """The file of the checkpoint that is kept of an epoch, counted from 1."""
    return f"kept-{epoch:06d}.npz"


def _number(name: str) -> int:
    word, _, digits = name.rpartition(" ")
    return int(digits) if word == "run" and digits.isdecimal() else 0


def write_run(folder: Path, record: RunRecord) -> None:
    atomic_write(folder / RECORD, json.dumps(encode(record), indent=1).encode())


def read_run(folder: Path) -> RunRecord:
    """Raises ProjectError when the folder is no run or is damaged."""
    return decode(RunRecord, read_json(folder / RECORD), f"{folder.name}/{RECORD}")


def update_run(folder: Path, **changes: object) -> RunRecord:
    """Read, change some fields, write. For one writer at a time: the engine while it trains, else the face."""
    record = replace(read_run(folder), **changes)  # type: ignore[arg-type]
    write_run(folder, record)
    return record


def read_project(folder: Path) -> Project:
    return decode_project(read_json(folder / "project.json"), str(folder / "project.json"))


def read_facts(folder: Path) -> DataFacts:
    return decode(DataFacts, read_json(folder / "facts.json"), "facts")


def read_preprocessor(folder: Path) -> Json:
    return read_json(folder / "preprocessor.json")


def read_history(folder: Path) -> History:
    return History.load(folder / "history.npz")


def list_runs(runs: Path) -> list[RunRecord]:
    """All readable runs, the oldest first; an unreadable folder is left alone and left out."""
    if not runs.is_dir():
        return []
    found = []
    for folder in sorted(runs.iterdir()):
        try:
            found.append(read_run(folder))
        except ProjectError:
            continue
    return found


def find_run(runs: Path, name: str = "") -> Path:
    """The folder of the run with that id or name, or the newest usable one when `name` is empty.

    Raises:
        ProjectError: there is none.
    """
    records = list_runs(runs)
    chosen = [r for r in records if name in (r.id, r.name)] if name else [r for r in records if r.usable]
    if not chosen:
        known = ", ".join(r.name for r in records) or "none"
        lost = [f.name for f in sorted(runs.iterdir()) if f.is_dir()] if runs.is_dir() else []
        lost = [name for name in lost if name not in {r.id for r in records}]
        what = f'There is no run "{name}".' if name else "There is no trained run yet."
        remedy = f"Runs here: {known}." if name else "Train the project first."
        remedy += f" What is in {', '.join(lost)} cannot be read: run.json is damaged or gone." if lost else ""
        raise ProjectError(what, where=str(runs), remedy=remedy)
    return runs / chosen[-1].id


def delete_run(folder: Path) -> None:
    """Remove a run for good. Raises ProjectError when it cannot be removed."""
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ProjectError(f"The run could not be deleted ({error.strerror or error}).", where=str(folder)) from error
