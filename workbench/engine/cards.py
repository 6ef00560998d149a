"""The graphics cards of this machine as their maker's own tool tells of them: name, memory, what of it is free.

TensorFlow numbers the cards it can use and knows their names, but not their memory. They are paired by name, in order.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)
QUERY = ("--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits")
PATIENCE = 5.0  # seconds that the tool may take
VISIBLE = "CUDA_VISIBLE_DEVICES"
_highest: dict[int, int] = {}  # bytes that TensorFlow has held on each card: it gives none of them back


@dataclass(frozen=True)
class Card:
    """total, free: bytes of its memory."""

    index: int
    uuid: str
    name: str
    total: int
    free: int


def asked() -> tuple[Card, ...]:
    """What nvidia-smi says, in the order of their places in the machine; empty where there is no such tool, or it does
    not answer in a while."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        said = subprocess.run([tool, *QUERY], capture_output=True, text=True, timeout=PATIENCE, check=True)
        return told(said.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        log.info("the memory of the graphics cards cannot be asked", exc_info=True)
        return ()


def told(said: str) -> tuple[Card, ...]:
    """The cards of lines such as "0, GPU-5f1c, NVIDIA A100-SXM4-40GB, 40960, 39512", in MiB. A card whose memory is not
    its own ("[N/A]") is left out.

    Raises:
        ValueError: it is no such line.
    """
    found = []
    for line in said.strip().splitlines():
        index, uuid, name, total, free = (part.strip() for part in line.split(","))
        if total.startswith("["):
            continue
        found.append(Card(int(index), uuid, name, int(total) << 20, int(free) << 20 if free.isdecimal() else 0))
    return tuple(found)


def paired(
    names: Sequence[str], cards: Sequence[Card], environ: Mapping[str, str] = os.environ
) -> tuple[Card | None, ...]:
    """For each card of TensorFlow, by name, the one that was told of; None where none has that name."""
    seen = [card for card in cards if _visible(card, environ.get(VISIBLE, ""))] or list(cards)
    found: list[Card | None] = []
    for name in names:
        mine = next((card for card in seen if card.name == name), None)
        if mine is not None:
            seen.remove(mine)
        found.append(mine)
    return tuple(found)


def _visible(card: Card, allowed: str) -> bool:
    """Whether CUDA may use a card. allowed: numbers or the beginnings of names, parted by commas; "" for all."""
    words = [word.strip() for word in allowed.split(",") if word.strip()]
    return not words or any(word == str(card.index) or card.uuid.startswith(word) for word in words)


def of_tensorflow(tf: Any) -> tuple[Card | None, ...]:
    """One for each card that TensorFlow can use; None where its memory is not known. No card, no question."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return ()
    return paired([name_of(tf, gpu) for gpu in gpus], asked())


def name_of(tf: Any, gpu: Any) -> str:
    return str(tf.config.experimental.get_device_details(gpu).get("device_name", "GPU"))


def free(tf: Any, number: int) -> int:
    """Bytes that a run could use of that card, with what TensorFlow holds of it and does not need; 0 not known."""
    cards = of_tensorflow(tf)
    card = cards[number] if number < len(cards) else None
    if card is None:
        return 0
    info = tf.config.experimental.get_memory_info(f"GPU:{number}")
    _highest[number] = max(_highest.get(number, 0), int(info["peak"]))
    return min(card.total, card.free + _highest[number] - int(info["current"]))
