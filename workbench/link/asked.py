"""What others ask of a run that trains, left in its folder: pause, go on, stop, abort, other settings.

`asked.jsonl` in the folder of the run, to which whoever may write there appends a line:

    {"wish": "5f0c", "ask": "pause"}                                           or "resume", "stop", "abort"
    {"wish": "91aa", "ask": "set", "learning_rate": 0.001, "batch_size": 64, "epochs": 40, "early_stopping": {...}}

The program that trains the run looks there some times a second, between calls, and tells by its journal (link.journal)
that it heard (WishHeard with the same `wish`). So it works beside the run and over a shared folder, and no port is open
for it. Lines that are no wish are told as such, or skipped where not even their `wish` can be read.
"""

from __future__ import annotations

import json
import logging
import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.codec import decode, encode
from workbench.core.errors import ProjectError, TrainError
from workbench.core.project import EarlyStopping

from .journal import attended
from .messages import Adjust, Control

log = logging.getLogger(__name__)
NAME = "asked.jsonl"
ACTIONS = ("pause", "resume", "stop", "abort")
MOST = 1_000_000
LINE = 4_000  # bytes; a longer one is no wish
AT_ONCE = 1_000_000  # bytes read at a look: what lies there beyond waits for the next


@dataclass(frozen=True)
class Wish:
    """name: by which it is answered. message: for the engine; None where it cannot be done, and `why`."""

    name: str
    message: Control | Adjust | None
    why: str = ""


def ask(folder: Path, message: Control | Adjust) -> str:
    """Leave a wish in the folder of a run; the name by which the journal answers it.

    Raises:
        TrainError: no program trains it that would look, or it cannot be written there.
    """
    if not attended(folder):
        raise TrainError(
            "No program that can be asked trains this run now.",
            where=folder.name,
            remedy="One that was left goes on with: workbench train PROJECT --resume",
        )
    name = uuid.uuid4().hex[:8]
    said: dict[str, Any] = {"wish": name}
    if isinstance(message, Control):
        said["ask"] = message.action
    else:
        said["ask"] = "set"
        given = {
            "learning_rate": message.learning_rate,
            "batch_size": message.batch_size,
            "epochs": message.epochs,
            "early_stopping": encode(message.early_stopping) if message.early_stopping is not None else None,
        }
        said |= {key: value for key, value in given.items() if value is not None}
    # Begun with an end of line too: half a line, left by one who was killed, must not take this one with it.
    line = f"\n{json.dumps(said, allow_nan=False)}\n".encode()
    try:
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            os.write(handle, line)  # in one piece, so that two who ask at once do not mix
        finally:
            os.close(handle)
    except OSError as error:
        raise TrainError(
            f"The run could not be asked ({error.strerror or error}).",
            where=str(folder),
            remedy="Its folder must be writable from here.",
        ) from error
    return name


class Inbox:
    """The wishes of others, for the program that trains the run. What was asked before is forgotten."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._run = folder.name
        self._at = 0
        self._rest = b""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:  # a folder that is not writable is told by the run itself
            log.warning("%s cannot be emptied: %s", self._path, error)

    def take(self) -> tuple[Wish, ...]:
        """What was asked since the last time, in its order."""
        try:
            size = self._path.stat().st_size
        except OSError:
            return ()
        if size <= self._at:
            return ()
        try:
            with open(self._path, "rb") as file:
                file.seek(self._at)
                said = file.read(AT_ONCE)
        except OSError as error:
            log.warning("%s cannot be read: %s", self._path, error)
            return ()
        self._at += len(said)
        *lines, self._rest = (self._rest + said).split(b"\n")
        self._rest = self._rest[: LINE + 1]
        return tuple(wish for line in lines if line.strip() and (wish := _wish(line, self._run)) is not None)


def _wish(line: bytes, run: str) -> Wish | None:
    try:
        said = json.loads(line) if len(line) <= LINE else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("wish"), str) or len(said["wish"]) > 64:
        log.warning("a line of %s is no wish", NAME)
        return None
    name, what = said.pop("wish"), said.pop("ask", None)
    if what in ACTIONS:
        return Wish(name, Control(run, what))
    if what != "set":
        return Wish(name, None, f"{what!r} cannot be asked of a run.")
    try:
        return Wish(name, adjustment(run, said))
    except TrainError as error:
        return Wish(name, None, str(error))


def adjustment(run: str, given: Mapping[str, Any]) -> Adjust:
    """The settings to change, checked: learning_rate, batch_size, epochs, early_stopping (as JSON).

    Raises:
        TrainError: one is unknown, or its value is none.
    """
    known = ("learning_rate", "batch_size", "epochs", "early_stopping")
    for key in given:
        if key not in known:
            names = "learning_rate, batch_size, epochs and patience (of early stopping)"
            raise TrainError(f"{key!r} cannot be changed while a run trains.", remedy=f"What can be: {names}.")
    if not given:
        raise TrainError("Nothing is to be changed.", remedy="Name a setting, such as learning_rate=0.001.")
    rate = given.get("learning_rate")
    if rate is not None and not (_number(rate) and rate > 0):
        raise TrainError(f"A learning rate is a number above 0, not {rate!r}.", where="learning_rate")
    for key in ("batch_size", "epochs"):
        value = given.get(key)
        if value is not None and not (_number(value) and value == int(value) and 1 <= value <= MOST):
            raise TrainError(f"{key} is a whole number from 1 to {MOST:,}, not {value!r}.", where=key)
    early: EarlyStopping | None = None
    if given.get("early_stopping") is not None:
        try:
            early = decode(EarlyStopping, given["early_stopping"], "early_stopping")
        except ProjectError as error:
            raise TrainError(error.what, where="early_stopping") from error
        if not (_number(early.patience) and 1 <= early.patience <= MOST):
            text = f"The patience of early stopping is 1 epoch or more, and {MOST:,} at most."
            raise TrainError(text, where="early_stopping")
        if not _number(early.min_delta):
            raise TrainError("The least change that counts for early stopping is a number.", where="early_stopping")
    whole = {key: int(given[key]) for key in ("batch_size", "epochs") if given.get(key) is not None}
    return Adjust(run, learning_rate=float(rate) if rate is not None else None, early_stopping=early, **whole)


def _number(value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False
