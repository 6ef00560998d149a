"""What there is to compute with, as the settings offer it, and what half-sized numbers and processor threads are worth
there. Without Qt."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.project import TrainSpec
from workbench.link.messages import Device
from workbench.ui.words import size_text

HALF = (7, 0)
"""From this generation of NVIDIA's cards on (2018) there are units for half-sized numbers; see Keras' guide to mixed
precision."""
SMALL, LARGE = 1e6, 1e7
"""Multiplications of a batch. Measured on two cores, one thread against two: at 1.3e5 1.0 times as fast alone and 2.1
times beside a window, at 3e6 0.94 (2.0 without XLA), at 1.3e7 and 8e7 0.73 and 0.71."""


@dataclass(frozen=True)
class Advice:
    """What is to be said of a setting, the value that a click chooses, and what the button says."""

    text: str
    setting: str
    value: str | int
    button: str


def choices(devices: Sequence[Device]) -> list[tuple[str, str]]:
    """(name, title) of what a run can be computed on, with its memory where that is known; "all" where there are
    several cards."""
    found = [(d.name, f"{d.title}, {size_text(d.memory)}" if d.memory else d.title) for d in devices]
    cards = [d for d in devices if d.name.startswith("gpu")]
    same = {title for _, title in found if sum(title == other for _, other in found) > 1}
    found = [(name, f"{title} ({name})" if title in same else title) for name, title in found]
    return [*found, ("all", f"All {len(cards)} graphics cards together")] if len(cards) > 1 else found


def chosen_in_words(train: TrainSpec, choices: Sequence[tuple[str, str]]) -> str:
    """The graphics card that is chosen, or that auto takes, in full: the box is too narrow for most; "" for none."""
    titles = {name: title for name, title in choices if name.startswith("gpu")}
    if train.device == "auto":
        return f"auto means {next(iter(titles.values()))} here" if titles else ""
    return titles.get(train.device, "")


def taken(train: TrainSpec, devices: Sequence[Device]) -> tuple[Device, ...]:
    """The graphics cards that a run with these settings would be computed on; none on the processor."""
    cards = [d for d in devices if d.name.startswith("gpu")]
    if train.device == "all":
        return tuple(cards)
    if train.device in ("", "auto"):
        return tuple(cards[:1])
    return tuple(d for d in cards if d.name == train.device)


def precision_advice(train: TrainSpec, devices: Sequence[Device]) -> Advice | None:
    """What half-sized numbers are worth on the cards the run would be computed on; None on the processor, or where what
    they can do is not known."""
    cards = taken(train, devices)
    if not cards or min(d.capability for d in cards) <= (0, 0):
        return None
    weakest = min(cards, key=lambda d: d.capability)
    half = train.precision != "float32"
    if weakest.capability >= HALF:
        if half:
            return None
        text = f"{weakest.title} has units of its own for half-sized numbers: larger nets train faster with them, and "
        text += "what the layers give takes half the memory."
        return Advice(text, "precision", "mixed_float16", "Use half, float16")
    if not half:
        return None
    text = f"{weakest.title} has no units for half-sized numbers: they save memory there, and no time."
    return Advice(text, "precision", "float32", "Use float32")


def thread_advice(train: TrainSpec, devices: Sequence[Device], multiplications: int | None) -> Advice | None:
    """Whether another number of processor threads would be faster; None on a card, or where it makes no difference.

    multiplications: of the model, for one row.
    """
    if multiplications is None or taken(train, devices) or (os.cpu_count() or 1) < 2:
        return None
    batch = multiplications * train.batch_size
    if batch <= SMALL and train.threads != 1:
        text = "The threads of the processor wait for each other at each small step: with one this net is about as "
        text += "fast, and up to twice as fast while other programs work."
        return Advice(text, "threads", 1, "Use one thread")
    if batch >= LARGE and train.threads:
        text = "Steps of this size are faster on all threads of the processor: 1.4 times on two."
        return Advice(text, "threads", 0, "Use all threads")
    return None
