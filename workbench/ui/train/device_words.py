"""What there is to compute with, as the settings offer it, and what half-sized numbers are worth there. Without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.project import TrainSpec
from workbench.link.messages import Device
from workbench.ui.words import size_text

HALF = (7, 0)
"""From this generation of NVIDIA's cards on (2018) there are units for half-sized numbers; see Keras' guide to mixed
precision."""


@dataclass(frozen=True)
class Advice:
    """What is to be said of the precision, and the one that a click chooses."""

    text: str
    precision: str


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
        return Advice(text + "what the layers give takes half the memory.", "mixed_float16")
    if not half:
        return None
    text = f"{weakest.title} has no units for half-sized numbers: they save memory there, and no time."
    return Advice(text, "float32")
