"""`workbench control`: asks something of a run that another program trains, and prints what came of it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core import runs
from workbench.core.errors import TrainError
from workbench.core.project import EarlyStopping
from workbench.core.runs import RunRecord
from workbench.core.storage import ProjectFolder
from workbench.link import messages as m
from workbench.link.asked import adjustment, ask
from workbench.link.journal import Reader, attended, is_gone

LOOK_SECONDS = 0.1
SAYS = "Learning rate", "Epochs", "Early stopping"  # what is changed at once; the batch size waits
WORDS = {"pause": "paused", "resume": "goes on", "stop": "stopped", "abort": "ended"}


@dataclass
class _Seen:
    """What the journal told since it was opened."""

    state: str = "running"
    text: str = ""
    heard: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ended: m.RunEnded | None = None
    early: EarlyStopping | None = None

    def take(self, message: m.Message) -> None:
        if isinstance(message, m.RunStateChanged):
            self.state, self.text = message.state, message.text
        elif isinstance(message, m.WishHeard):
            self.heard[message.wish] = message.why
        elif isinstance(message, m.RunStarted):
            self.early = message.early
        elif isinstance(message, m.RunAdjusted):
            self.notes.append(message.text)
            self.early = message.early or self.early
        elif isinstance(message, m.RunEnded):
            self.ended = message


def run(given: argparse.Namespace) -> None:
    """Ask something of a run that another `workbench train` trains, and print what came of it.

    Raises:
        WorkbenchError: there is no such run, nobody trains it, it cannot be asked that, or it does not answer.
    """
    home = ProjectFolder(given.project)
    home.load()
    folder = _folder(home, given.run)
    record = runs.read_run(folder)
    with Reader(folder) as reader:
        seen = _Seen()
        for told in reader.read():
            seen.take(told)
        if reader.by is not None and is_gone(reader.by):
            raise TrainError(
                f"The program that trained {record.name} is gone (process {reader.by.process} of this computer).",
                where=folder.name,
                remedy="Its last checkpoint is kept; go on with: workbench train PROJECT --resume",
            )
        early = seen.early or runs.read_project(folder).train.early_stopping
        message = _message(folder, given.action, given.settings, early)
        before = len(seen.notes)
        wish = ask(folder, message)
        _wait(reader, seen, lambda: wish in seen.heard, given.wait)
        if wish not in seen.heard and seen.ended is None and reader.over:
            raise TrainError(f"{record.name} ended before it heard that.", where=folder.name)
        if wish not in seen.heard and seen.ended is None:
            raise TrainError(
                f"{record.name} has not answered for {given.wait:g} seconds.",
                where=folder.name,
                remedy="What was asked stays in its folder, and is done if the program that trains it answers again.",
            )
        if seen.heard.get(wish):
            raise TrainError(seen.heard[wish], where=folder.name)
        _wait(reader, seen, lambda: _done(message, seen, before), given.wait)
    _tell(given.json, record, message, seen, seen.notes[before:], _done(message, seen, before))


def _folder(home: ProjectFolder, name: str) -> Path:
    """The run that is meant: the one of that name, or the newest that is trained by a program that can be asked."""
    if name:
        return runs.find_run(home.runs, name)
    trained = [home.runs / r.id for r in runs.list_runs(home.runs) if attended(home.runs / r.id)]
    if not trained:
        raise TrainError(
            "No run of this project is trained now, by `workbench train` or a window.",
            where=str(home.path),
            remedy="One that was left goes on with: workbench train PROJECT --resume",
        )
    return trained[-1]


def _message(folder: Path, action: str, settings: list[str], early: EarlyStopping) -> m.Control | m.Adjust:
    if action != "set":
        if settings:
            raise TrainError(f"{settings[0]!r} is too much.", where=action, remedy="Only set takes NAME=VALUE.")
        return m.Control(folder.name, action)
    given: dict[str, object] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise TrainError(f"{text!r} is no setting.", where="set", remedy="Write it as learning_rate=0.001.")
        try:
            given[name] = float(value)
        except ValueError:
            raise TrainError(f"{name} takes a number, not {value!r}.", where="set") from None
    if "patience" in given:
        given["early_stopping"] = _early(early, given.pop("patience"))
    return adjustment(folder.name, given)


def _early(rule: EarlyStopping, patience: object) -> dict[str, object]:
    """The rule of the run, as it is now, with another patience; 0 switches it off."""
    assert isinstance(patience, float)
    if patience < 0 or not patience.is_integer():
        raise TrainError(f"patience is a whole number of epochs, not {patience:g}; 0: none.", where="set")
    count = int(patience) or rule.patience
    return {"enabled": patience > 0, "monitor": rule.monitor, "patience": count, "min_delta": rule.min_delta}


def _wait(reader: Reader, seen: _Seen, until: Callable[[], bool], seconds: float) -> None:
    """Take in what is told until that is so, the run has ended, or the time is over."""
    end = time.monotonic() + seconds
    while True:
        over = reader.over  # looked at first: what was told before the end is still read
        for message in reader.read():
            seen.take(message)
        if until() or seen.ended is not None or over or time.monotonic() >= end:
            return
        time.sleep(LOOK_SECONDS)


def _done(message: m.Control | m.Adjust, seen: _Seen, before: int) -> bool:
    if seen.ended is not None:
        return True
    if isinstance(message, m.Adjust):
        waits = seen.state == "paused"  # a run that is paused takes what was changed when it goes on
        return waits or not _untold(message, seen.notes[before:])
    if message.action == "pause":
        return seen.state == "paused"
    if message.action == "resume":
        return seen.state == "running" and not seen.text
    return False


def _untold(message: m.Adjust, notes: list[str]) -> list[str]:
    """Of the settings that are changed at once, those of which nothing was told yet. The batch size is told when an
    epoch begins with it, which may be far off."""
    at_once = message.learning_rate, message.epochs, message.early_stopping
    asked = [word for word, value in zip(SAYS, at_once, strict=True) if value is not None]
    return [word for word in asked if not any(note.startswith(word) for note in notes)]


def _tell(
    as_json: bool, record: RunRecord, message: m.Control | m.Adjust, seen: _Seen, notes: list[str], done: bool
) -> None:
    ended = seen.ended
    action = message.action if isinstance(message, m.Control) else "set"
    if as_json:
        told: dict[str, object] = {"run": record.name, "asked": action, "done": done}
        told |= {"state": ended.reason if ended else seen.state, "notes": notes}
        if ended is not None:
            told |= {"epochs": ended.epochs, "best_epoch": ended.best_epoch + 1 if ended.best_epoch >= 0 else None}
        print(json.dumps(told, ensure_ascii=False))
        return
    for text in notes:
        print(f"{record.name}: {text}")
    if ended is not None:
        best = f"; epoch {ended.best_epoch + 1} was best" if ended.best_epoch >= 0 else ""
        print(f"{record.name}: {WORDS.get(action, 'ended')} after epoch {ended.epochs}{best}.")
    elif action == "set":
        assert isinstance(message, m.Adjust)
        later, untold = message.batch_size is not None, _untold(message, notes)
        if untold and not done:
            now = seen.text or seen.state
            print(f"{record.name}: {', '.join(untold).lower()}: heard; done when what it does now allows it ({now}).")
            return
        when = "when it goes on" if seen.state == "paused" else "at the next epoch" if later else ""
        if when or not notes:
            what = "the batch size is taken" if later and not notes and seen.state != "paused" else "it is done"
            what = "the batch size is taken" if later and notes else what
            print(f"{record.name}: heard{f'; {what} {when}' if when else ''}.")
    elif done:
        print(f"{record.name}: {WORDS[action]}.")
    else:
        print(f"{record.name}: heard; it is done when what it does now allows it ({seen.text or seen.state}).")
