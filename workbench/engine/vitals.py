"""How the engine's process and the first graphics card are: memory and load, for the strip of the window."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys

import psutil

from workbench.link.messages import Vitals

log = logging.getLogger(__name__)
QUERY = ("--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "--id=0")
PATIENCE = 2.0  # seconds that the card's own tool may take


class Pulse:
    """Measured from one call of `take` to the next; used on one thread."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._cores = psutil.cpu_count() or 1
        self._tool = shutil.which("nvidia-smi")
        self._process.cpu_percent()  # the first answer is of no span

    def take(self) -> Vitals:
        """Memory and load since the last time."""
        load = min(1.0, self._process.cpu_percent() / 100 / self._cores)
        return Vitals(self._process.memory_info().rss, load, *self._card())

    def _card(self) -> tuple[float, int]:
        if self._tool is None or not _in_use():
            return -1.0, -1
        try:
            said = subprocess.run([self._tool, *QUERY], capture_output=True, text=True, timeout=PATIENCE, check=True)
            return card_of(said.stdout)
        except (OSError, subprocess.SubprocessError, ValueError):
            log.info("the load of the graphics card cannot be asked", exc_info=True)
            self._tool = None
            return -1.0, -1


def card_of(said: str) -> tuple[float, int]:
    """Load (0 to 1) and bytes taken, from what nvidia-smi says: "37, 1520".

    Raises:
        ValueError: it is no such line.
    """
    load, memory = said.strip().splitlines()[0].split(",")
    return float(load) / 100, int(float(memory) * (1 << 20))


def _in_use() -> bool:
    """Whether TensorFlow is loaded here and has a card; asking must not load it."""
    tensorflow = sys.modules.get("tensorflow")
    devices = getattr(getattr(tensorflow, "config", None), "list_physical_devices", None)  # it may be half loaded
    return devices is not None and bool(devices("GPU"))
