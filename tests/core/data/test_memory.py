"""Preparing takes bounded memory: under a ceiling a quarter of what is written, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the ceiling is set as Linux counts memory")

HEADROOM = 96 << 20

_CEILING = """
import resource, sys
from pathlib import Path

def ceiling(headroom):
    # What the process may write to from here on: heap, stacks and private mappings, not mapped files.
    now = int(next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (now + headroom, now + headroom))
"""

_PICTURES = """
import os
import numpy as np
from PIL import Image
from workbench.core.data.prepared import prepare
from workbench.core.data.image_source import load_images
from workbench.core.project import DataSpec, Features, ImageFeature, Project, Split

home, headroom = Path(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(0)
for kind in ("a", "b"):
    (home / "in" / kind).mkdir(parents=True)
    for i in range(20):
        tile = rng.integers(0, 256, (6, 6, 3)).astype(np.uint8)
        Image.fromarray(tile.repeat(40, 0).repeat(40, 1)).save(home / "in" / kind / f"{i}.png")
    for i in range(20, 1450):
        os.link(home / "in" / kind / f"{i % 20}.png", home / "in" / kind / f"{i}.png")
data = load_images(home / "in")
image = ImageFeature(216, 216, 3)
project = Project(data=DataSpec("images", "x"), features=Features(image=image, split=Split()))
ceiling(headroom)
made = prepare(project, data, None, home / "cache")
print(sum(f.stat().st_size for f in made.folder.iterdir()))
"""

_WORDS = """
import numpy as np
import pandas as pd
import workbench.core.data.profile
from workbench.core.data.dataset import LoadReport, TableData
from workbench.core.data.prepared import prepare
from workbench.core.project import ColumnFeature, DataSpec, Features, Project, Split

home, headroom = Path(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(0)
words = np.array([f"word{i}" for i in range(1500)])
lines = [" ".join(row) for row in words[rng.integers(0, 1500, (400, 40))]]
rows = 70_000
frame = pd.DataFrame({"text": [lines[i] for i in rng.integers(0, 400, rows)], "y": rng.integers(0, 2, rows)})
columns = (ColumnFeature("text", "input", "tfidf"), ColumnFeature("y", "target", "class"))
features = Features("classification", columns, split=Split())
data = TableData(frame, LoadReport(rows=rows, fingerprint="f"), np.zeros(rows, np.uint8))
ceiling(headroom)
made = prepare(Project(data=DataSpec("csv", "x"), features=features), data, None, home / "cache")
print(sum(f.stat().st_size for f in made.folder.iterdir()))
"""

_TOO_MUCH = """
ceiling(int(sys.argv[2]))
try:
    bytearray(2 * int(sys.argv[2]))
except MemoryError:
    print("refused")
"""


def run(script: str, folder: Path) -> str:
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"}
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", _CEILING + script, str(folder), str(HEADROOM)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_the_ceiling_holds(tmp_path: Path):
    assert run(_TOO_MUCH, tmp_path) == "refused"


@pytest.mark.parametrize("script", [_PICTURES, _WORDS], ids=["pictures", "words"])
def test_four_times_what_fits_is_prepared_in_blocks(script: str, tmp_path: Path):
    assert int(run(script, tmp_path)) > 4 * HEADROOM
