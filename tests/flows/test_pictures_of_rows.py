"""A table with a picture in each row, without a window: from the table to answers and a file that takes both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.little_flats import flats

from .conftest import Workbench, columns


def test_a_network_of_two_branches_from_a_table_to_answers(workbench: Workbench, tmp_path: Path) -> None:
    project = tmp_path / "flats"
    assert 'model "two-branch"' in workbench("new", project, "--data", flats(tmp_path / "data", count=150)).out
    workbench("train", project, "--epochs", 40, "--batch-size", 16)
    scores = workbench("evaluate", project, "--json").object
    assert scores["mean_absolute_error"] < 0.7 * scores["baseline"]

    new = tmp_path / "new"
    table = flats(new, count=6)
    for i in range(6):  # the same flat thrice in red and in blue
        pixels = np.zeros((30, 20, 3), np.uint8)
        pixels[..., 0 if i < 3 else 2] = 220
        Image.fromarray(pixels).save(new / f"flat {i}.png")
    (new / "flat 5.png").unlink()
    table.write_text("photo,area,rooms\n" + "\n".join(f"flat {i}.png,50,2" for i in range(6)) + "\n")
    said = workbench("predict", project, "--data", table)
    answers = columns(said.out)["price"]
    assert answers[5] == ""
    assert "no longer there" in said.err
    assert float(answers[3]) > float(answers[0]) + 50, "blue flats cost 200 more"

    file = tmp_path / "flats.onnx"
    workbench("export", project, "--to", "onnx", "--out", file)
    again = columns(workbench("predict", file, "--data", table).out)["price"]
    assert np.allclose(np.array(again[:5], float), np.array(answers[:5], float), rtol=1e-3)
