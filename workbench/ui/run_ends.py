"""How the end of a run is told: what it reached, or what was lost with the engine; and what others ask of it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.core.runs import read_run
from workbench.core.wording import plural
from workbench.link.messages import Adjust, Control, RunEnded

from .live_run import LiveRun
from .readable import figure, metric_shown, pretty

_ASKED = {"pause": "to pause", "resume": "to go on", "stop": "to stop and keep the best", "abort": "to end"}


def asked_outside(run: LiveRun, message: Control | Adjust) -> str:
    """What another program asks of a run that this window trains, in a sentence."""
    what = "to change its settings" if isinstance(message, Adjust) else _ASKED[message.action]
    return f"{run.name} was asked {what} from outside this window (workbench control)."


def how_it_ended(run: LiveRun, ended: RunEnded) -> str:
    """In a sentence, with the figure that its best epoch reached."""
    names = [n.removeprefix("val_") for n in run.history.epochs.names if n.startswith("val_")]
    name = metric_shown(names) or "loss"
    kept = f"val_{name}" if names else name
    best = ended.best_epoch if 0 <= ended.best_epoch < len(run.history.epochs) else -1
    shown = ""
    if kept in run.history.epochs and len(run.history.epochs):
        value = float(run.history.epochs[kept][best])
        shown = f"; {'validation ' if names else ''}{pretty(name, run.record.outputs)} {figure(value, name)}"
    count = plural(ended.epochs, "epoch")
    how = {"finished": "is trained", "early_stopped": "stopped early, no longer improving", "stopped": "was stopped"}
    return f"{run.name} {how.get(ended.reason, 'ended')}: {count}{shown}."


def epochs_kept(folder: Path) -> int:
    """How many whole epochs the checkpoint of a run holds; -1 when there is none. For a job."""
    return read_run(folder).epochs_done if (folder / "checkpoint.npz").is_file() else -1


def what_was_lost(run: LiveRun, kept: int) -> str:
    """What the end of the engine cost. kept: see `epochs_kept`."""
    if kept < 0:
        return "No checkpoint of it was written yet: train it again."
    lost = len(run.history.epochs) - kept
    gone = "the epoch since then is" if lost == 1 else f"the {lost:,} epochs since then are"
    since = f"{gone} lost." if lost > 0 else "only the steps since are lost."
    return f"Its checkpoint is {f'of epoch {kept:,}' if kept else 'in epoch 1'}; {since}"


def scores_lost(run: LiveRun, what: str) -> str:
    """The engine ended, as `what` says, when a run had ended and was scored on its test part."""
    return f"{run.name} had ended well. {what}\nOnly its scores on the test part are missing: the Test page has them."


def which_wait(names: Sequence[str]) -> str:
    """The names of those that wait, as a sentence; "" where they have none."""
    told = [name for name in names if name]
    if not told:
        return ""
    return f"{'; '.join(told)}." if len(told) <= 2 else f"{told[0]} … {told[-1]}."


def how_many_wait(count: int) -> str:
    """In a sentence."""
    return "1 run still waits." if count == 1 else f"{count} runs still wait."
