"""What a run keeps on disk: the checkpoint an exact resume needs, and the weights of the best epoch.

Both are files of stored.py:
    v.00000 ...   model.variables in their order (the states of random generators among them)
    o.00000 ...   optimizer variables        m.00000 ...   metric variables
    b.00000 ...   model.variables at the best epoch (checkpoint only)
A checkpoint that is kept of an epoch (runs.kept_name) is one without the best epoch.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from workbench.core import runs
from workbench.core.errors import OutOfMemory, TrainError
from workbench.core.project import EarlyStopping

from . import assemble, optimizer_state, rates
from .control import look
from .keeper import Standing
from .short_of_memory import is_short
from .stored import FORMAT, Stored, load_stored, write

CHECKPOINT = "checkpoint.npz"
BEST = "best.npz"


@dataclass(frozen=True)
class Place:
    """Where a run stands.

    epoch, step: the next step to do (step == steps per epoch: the validation of that epoch is next, `logs` holds what
    the epoch's training said). batches, epochs: rows of the history that belong to it. seconds: trained so far.
    batch_size, early, rate_factor: what was changed while it ran; 0, None and 1 where nothing was. plateau: the value
    that the wait for a lower rate counts from, and how many epochs it has waited. judged: rows of a validation batch at
    most; 0: as many as are quick. rate_held, rate_origin: of a schedule (rates.Adjustable). rate_steps: how long one
    is that follows the run; 0 where none does. batch_wanted: asked for and taken with the next epoch; 0: none.
    resting: epochs after a fall of the rate in which no wait for the next one counts.
    """

    epoch: int = 0
    step: int = 0
    logs: Mapping[str, float] = field(default_factory=dict)
    batches: int = 0
    epochs: int = 0
    seconds: float = 0.0
    standing: Standing = field(default_factory=Standing)
    fingerprint: str = ""
    batch_size: int = 0
    early: EarlyStopping | None = None
    rate_factor: float = 1.0
    plateau: tuple[float, int] = (float("inf"), 0)
    judged: int = 0
    rate_held: float = -1.0
    rate_origin: int = 0
    rate_steps: int = 0
    batch_wanted: int = 0
    resting: int = 0

    @property
    def rate(self) -> dict[str, Any]:
        """What was changed of a schedule, as `rates.put_back` takes it."""
        return {"rate_factor": self.rate_factor, "rate_held": self.rate_held, "rate_origin": self.rate_origin}


@dataclass(frozen=True)
class Checkpoint:
    place: Place
    variables: Stored
    optimizer: Stored
    metrics: Stored
    best: Stored


def host(variables: Sequence[Any]) -> list[np.ndarray]:
    """Copies of Keras variables in this process's memory."""
    return [np.array(v.numpy() if hasattr(v, "numpy") else v) for v in variables]


@contextlib.contextmanager
def enough_to_save(path: Path) -> Iterator[None]:
    """Raises OutOfMemory, in words, where what is saved meanwhile finds no memory."""
    try:
        yield
    except Exception as error:
        if not is_short(error):
            raise
        raise OutOfMemory(
            "The memory was not enough to save the state of the run.",
            where=str(path),
            remedy="Close other programs; what was saved before is kept.",
            of_weights=True,
        ) from error


def save_checkpoint(folder: Path, model: keras.Model, best: Sequence[Any], place: Place) -> bool:
    """Write everything an exact resume needs. False, and nothing written, when the weights are no longer numbers.

    best: the variables of the best epoch, or arrays of them.

    Raises:
        TrainError: the folder cannot be written, or the memory is not enough; the checkpoint before stays.
    """
    return _save_state(folder / CHECKPOINT, model, _numbered("b", best), place)


def save_kept(folder: Path, model: keras.Model, place: Place) -> bool:
    """Write a checkpoint of its own of the epoch that has ended; as `save_checkpoint`."""
    return _save_state(folder / runs.kept_name(place.epoch), model, {}, place)


def _save_state(path: Path, model: keras.Model, more: dict[str, Any], place: Place) -> bool:
    held = _numbered("v", model.variables) | _numbered("o", model.optimizer.variables)
    held |= _numbered("m", model.metrics_variables) | more
    meta = {"format": FORMAT, "paths": [v.path for v in model.variables], "place": asdict(place)}
    meta["state"] = optimizer_state.names(model)
    if averages := _averages(model):
        meta["averages"] = averages
    with enough_to_save(path):
        return write(path, held, meta, finite="v.")


def _averages(model: keras.Model) -> list[tuple[int, int]]:
    """Which variables of the optimizer, by number, are the moving averages of which weights; none without them."""
    if not rates.averages(model):
        return []
    own, kept = ({id(v): number for number, v in enumerate(of.variables)} for of in (model, model.optimizer))
    return [(own[id(weight)], kept[id(mean)]) for weight, mean in rates.averaged_weights(model)]


def load_checkpoint(folder: Path) -> Checkpoint:
    """Raises TrainError when there is none, or it is damaged; its arrays do so when they are read."""
    meta, groups = load_stored(folder / CHECKPOINT)
    return Checkpoint(place_of(meta["place"]), *(groups[letter] for letter in "vomb"))


def place_of(told: Mapping[str, Any]) -> Place:
    """A place from what `plain` made of it."""
    raw = dict(told)
    raw["logs"] = {k: float(v) for k, v in raw["logs"].items()}
    raw["standing"] = Standing(**{k: float(v) if isinstance(v, str) else v for k, v in raw["standing"].items()})
    raw["early"] = EarlyStopping(**raw["early"]) if raw.get("early") else None
    value, waited = raw.get("plateau", (float("inf"), 0))
    raw["plateau"] = (float(value), int(waited))
    return Place(**raw)


def save_best(folder: Path, model: keras.Model, best: Sequence[Any], epoch: int) -> None:
    """Write the weights of the best epoch. Raises TrainError when the folder cannot be written."""
    meta = {"format": FORMAT, "paths": [v.path for v in model.variables], "epoch": epoch}
    with enough_to_save(folder / BEST):
        write(folder / BEST, _numbered("v", best), meta)


def assign(variables: Sequence[Any], arrays: Sequence[Any], where: Path) -> None:
    """Put saved arrays, or variables, into variables, one after another. Raises TrainError when they do not fit each
    other, and nothing is changed."""
    shapes = arrays.shapes if isinstance(arrays, Stored) else [tuple(a.shape) for a in arrays]
    if shapes != [tuple(v.shape) for v in variables]:
        raise TrainError(
            "The saved weights do not fit the model of this run.", where=str(where), remedy="Train it again."
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
        look()


def restore(model: keras.Model, saved: Checkpoint, folder: Path, *, metrics: bool = True) -> None:
    """Put a checkpoint into a compiled model whose metrics and optimizer are built.

    metrics: not on one machine of several, as writing them is a sum over all (see cluster.same_state).
    """
    where = folder / CHECKPOINT
    assign(model.variables, saved.variables, where)
    assign(model.optimizer.variables, saved.optimizer, where)
    if metrics:
        assign(model.metrics_variables, saved.metrics, where)


def weights_file(folder: Path, which: str = "best") -> Path:
    """The file that holds the wanted weights; those of the checkpoint when no epoch was completed yet.

    which: "best", "last", or the number of an epoch, from 1, of which a checkpoint was kept.

    Raises:
        TrainError: the run has none.
    """
    if which.isdecimal():
        if (folder / runs.kept_name(int(which))).is_file():
            return folder / runs.kept_name(int(which))
        told = runs.read_run(folder).kept
        kept = ", ".join(str(epoch) for epoch in told if (folder / runs.kept_name(epoch)).is_file())
        raise TrainError(
            f"The checkpoint of epoch {which} is no longer there."
            if int(which) in told
            else f"No checkpoint of epoch {which} was kept.",
            where=runs.read_run(folder).name,
            remedy=f'Kept: epoch {kept}. Or choose "best" or "last".' if kept else 'Choose "best" or "last".',
        )
    for name in (BEST, CHECKPOINT) if which == "best" else (CHECKPOINT, BEST):
        if (folder / name).is_file():
            return folder / name
    raise TrainError("This run has no trained weights yet.", where=folder.name, remedy="Train it first.")


def load_model(folder: Path, which: str = "best") -> keras.Model:
    """The model of a run with its trained weights, not compiled.

    It takes inputs after the scaling of InputFacts (x * scale + offset), as the feed gives them in training.

    Args:
        folder: of the run.
        which: "best" (the best epoch), "last" (the newest checkpoint) or the number of an epoch; see `weights_file`.

    Raises:
        TrainError: no weights yet, or they do not fit. ProjectError: the run cannot be read.
    """
    weights = load_weights(folder, which)
    project, facts = runs.read_project(folder), runs.read_facts(folder)
    model = assemble.build(project.graph, facts, project.train.seed)
    assign(model.variables, weights, weights_file(folder, which))
    return model


def load_weights(folder: Path, which: str = "best") -> Stored:
    """The saved model.variables of a run, in their order: their moving averages where the optimizer keeps some, as they
    are what was validated. Raises TrainError when there are none."""
    path = weights_file(folder, which)
    meta, groups = load_stored(path)
    names = [f"v.{number:06d}" for number in range(len(groups["v"]))]
    for number, mean in meta.get("averages", ()):
        names[number] = f"o.{mean:06d}"
    return Stored(path, names)


def fingerprint(folder: Path, prepared: Path) -> str:
    """Of what a run was begun with: its graph, settings and data. A checkpoint goes on only from the same."""
    digest = hashlib.sha256()
    for path in (folder / "project.json", folder / "facts.json", prepared / "meta.json"):
        digest.update(path.read_bytes() if path.is_file() else b"none")
    return digest.hexdigest()


def _numbered(letter: str, held: Sequence[Any]) -> dict[str, Any]:
    return {f"{letter}.{number:06d}": each for number, each in enumerate(held)}
