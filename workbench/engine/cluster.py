"""What the machines of a cluster share: before they train in step the first one's weights and place, and between their
steps what each wishes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

import keras
import numpy as np

from workbench.link.messages import Adjust
from workbench.link.wire import decode, encode

from . import checkpoints, rates
from .checkpoints import Checkpoint, Place
from .keeper import Keeper
from .spread import Spread

PLACE_BYTES = 16_384
ENDINGS = ("stop", "abort", "shutdown")


@dataclass(frozen=True)
class Wishes:
    """What a machine would do next, and then what all do. train_steps, test_steps: in a call of the loop. ending: see
    RunControl. due: a checkpoint is. changes: of settings."""

    train_steps: int
    test_steps: int
    ending: str = ""
    paused: bool = False
    due: bool = False
    changes: tuple[Adjust, ...] = ()


def agreed(spread: Spread, mine: Wishes) -> Wishes:
    """What all machines do; all ask at the same point of the run.

    Any of them may pause or end it (the strongest end counts). Steps, checkpoints and changes are the first one's.
    """
    texts = [encode(change) for change in mine.changes] if spread.chief else []
    decides = [mine.train_steps, mine.test_steps, mine.due, len(texts), max(map(len, texts), default=0)]
    wants = [mine.ending == name for name in ENDINGS] + [mine.paused]
    told = spread.sum(np.array([*(decides if spread.chief else [0] * len(decides)), *wants], np.int64)).tolist()
    train, test, due, count, longest = told[: len(decides)]
    *ends, paused = told[len(decides) :]
    ending = next((name for name, votes in reversed(list(zip(ENDINGS, ends, strict=True))) if votes), "")
    changes = []
    for number in range(count):
        padded = texts[number].ljust(longest, b"\0") if spread.chief else bytes(longest)
        told_bytes = spread.broadcast(np.frombuffer(padded, np.uint8)).tobytes()
        size = int(spread.broadcast(np.array([len(texts[number]) if spread.chief else 0], np.int64))[0])
        change = decode(told_bytes[:size])
        assert isinstance(change, Adjust)
        changes.append(change)
    return Wishes(train, test, ending, bool(paused), bool(due), tuple(changes))


def same_state(
    spread: Spread, model: keras.Model, keeper: Keeper, place: Place, saved: Checkpoint | None, *, resume: bool
) -> Place:
    """Give every machine the first one's variables, best weights and place; all call it at the same point.

    saved: the checkpoint, where this is the first machine and the run is resumed.
    """
    held = [*model.variables, *model.optimizer.variables]
    for variable in held:
        variable.assign(spread.broadcast(np.array(variable.numpy())))
    for number, variable in enumerate(model.metrics_variables):
        array = saved.metrics[number] if saved is not None else np.zeros(tuple(variable.shape), variable.dtype)
        variable.assign(spread.broadcast(array))  # parted among the machines, which all do it at once
    best = [spread.broadcast(array) for array in keeper.arrays()]
    text = json.dumps(checkpoints.plain(asdict(place))).encode()
    if len(text) > PLACE_BYTES:
        raise ValueError("the place does not fit")
    padded = np.frombuffer(text.ljust(PLACE_BYTES), np.uint8).astype(np.int64)
    found = json.loads(spread.broadcast(padded).astype(np.uint8).tobytes().decode())
    there = replace(checkpoints.place_of(found), fingerprint=place.fingerprint)
    if resume:
        keeper.restore(best, there.standing)
        rates.set_factor(model, there.rate_factor)
    return there
