"""What the machines of a cluster share: before they train in step the first one's weights and place, and between their
steps what each wishes."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import asdict, dataclass, replace

import keras
import numpy as np

from workbench.link.messages import Adjust
from workbench.link.wire import decode, encode

from . import checkpoints, devices, rates, stored
from .checkpoints import Checkpoint, Place
from .keeper import Keeper
from .spread import Spread

PLACE_BYTES = 16_384
CALL_SECONDS = 2.0  # that a machine may take to answer, when another is looked for that is gone
ENDINGS = ("stop", "abort", "shutdown")


@dataclass(frozen=True)
class Wishes:
    """What a machine would do next, and then what all do. train_steps, test_steps: in a call of the loop. ending: see
    RunControl. due: a checkpoint is. changes: of settings. by: the first machine that wants the end or the pause, -1
    without one."""

    train_steps: int
    test_steps: int
    ending: str = ""
    paused: bool = False
    due: bool = False
    changes: tuple[Adjust, ...] = ()
    by: int = -1


def agreed(spread: Spread, mine: Wishes) -> Wishes:
    """What all machines do; all ask at the same point of the run.

    Any of them may pause or end it (the strongest end counts). Steps, checkpoints and changes are the first one's.
    """
    texts = [encode(change) for change in mine.changes] if spread.chief else []
    decides = [mine.train_steps, mine.test_steps, mine.due, len(texts), max(map(len, texts), default=0)]
    wants = np.zeros((len(ENDINGS) + 1, spread.workers), np.int64)
    wants[:, spread.worker] = [mine.paused] + [mine.ending == name for name in ENDINGS]
    told = spread.sum(np.array([*(decides if spread.chief else [0] * len(decides)), *wants.ravel()], np.int64)).tolist()
    train, test, due, count, longest = told[: len(decides)]
    votes = np.array(told[len(decides) :]).reshape(wants.shape)
    paused, *ends = (bool(row.any()) for row in votes)
    ending = next((name for name, wanted in reversed(list(zip(ENDINGS, ends, strict=True))) if wanted), "")
    row = ENDINGS.index(ending) + 1 if ending else 0
    by = int(votes[row].argmax()) if votes[row].any() else -1
    changes = []
    for number in range(count):
        padded = texts[number].ljust(longest, b"\0") if spread.chief else bytes(longest)
        told_bytes = spread.broadcast(np.frombuffer(padded, np.uint8)).tobytes()
        size = int(spread.broadcast(np.array([len(texts[number]) if spread.chief else 0], np.int64))[0])
        change = decode(told_bytes[:size])
        assert isinstance(change, Adjust)
        changes.append(change)
    return Wishes(train, test, ending, paused, bool(due), tuple(changes), by)


def machine(number: int) -> str:
    """A machine of the cluster, for people."""
    known = devices.cluster()
    return f"{known[number]} (worker {number})" if 0 <= number < len(known) else f"worker {number}"


def lost(text: str, mine: int, workers: int) -> str:
    """Which of the other machines is gone, for people; "" when that cannot be told.

    text: what TensorFlow says. It names those that stopped telling they are there, but not always; the rest is found
    by calling: a machine whose program is gone refuses.
    """
    said = re.search(r"unhealthy[^:]*:\s*((?:/job:worker[/\w:]*/task:\d+\s*)+)", text)
    named = {int(n) for n in re.findall(r"/task:(\d+)", said.group(1))} if said else set()
    if not named:
        known = devices.cluster()
        named = {n for n in range(min(workers, len(known))) if n != mine and not _answers(known[n])}
    return " and ".join(machine(number) for number in sorted(named - {mine}))


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=CALL_SECONDS).close()
    except OSError:
        return False
    return True


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
    text = json.dumps(stored.plain(asdict(place))).encode()
    if len(text) > PLACE_BYTES:
        raise ValueError("the place does not fit")
    padded = np.frombuffer(text.ljust(PLACE_BYTES), np.uint8).astype(np.int64)
    found = json.loads(spread.broadcast(padded).astype(np.uint8).tobytes().decode())
    there = replace(checkpoints.place_of(found), fingerprint=place.fingerprint)
    if resume:
        keeper.restore(best, there.standing)
        rates.put_back(model, **there.rate)
    return there
