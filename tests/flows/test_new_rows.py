"""Data that comes later: the columns as the person's file has them, cleaned as in training, every row answered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.project import CsvOptions, Step
from workbench.core.storage import ProjectFolder

from .conftest import Workbench, columns

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cells as they come: money as text, blanks, a word for missing, a name to be mended, a repeated row."""
    rng = np.random.default_rng(3)
    lines = ["Rent paid;town;Size;sold"]
    for i in range(120):
        rent, size = 200 + 10 * i, int(rng.integers(20, 120))
        town = ("Bern ", "Basel", "?", "Chur")[i % 4]
        lines.append(f'"{rent // 1000}.{rent % 1000:03},50 €";{town};{size};{"yes" if size > 70 else "no"}')
    lines.append(lines[-1])
    file = tmp_path_factory.mktemp("prices") / "prices.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


RECIPE = (
    Step("1", "rename_column", {"column": "Rent paid", "name": "rent"}),
    Step("2", "parse_numbers", {"column": "rent"}),
    Step("3", "trim_text", {"columns": ["town"]}),
    Step("4", "replace", {"column": "town", "find": "?", "by": None}),
    Step("5", "drop_missing", {"columns": ["town"]}),
    Step("6", "drop_duplicates", {"columns": []}),
)


def test_the_recipe_is_done_on_what_comes_later(workbench: Workbench, tmp_path: Path, prices: Path) -> None:
    project = tmp_path / "p"
    workbench("new", project, "--data", prices, "--target", "sold")
    home = ProjectFolder(project)
    home.save(replace(home.load(), recipe=RECIPE))
    workbench("train", project, "--epochs", 40)

    scores = workbench("evaluate", project, "--data", prices, "--json")
    assert scores.object["rows"] == 90, "rows without a town are left out, as in training"
    assert "left out" in scores.err

    new = tmp_path / "new.csv"
    new.write_text('Rent paid;town;Size\n"1.000,50 €";Bern ;100\n"1.001,50 €";?;30\n"1.001,50 €";?;30\n')
    said = workbench("predict", project, "--data", new, "--out", tmp_path / "answers.csv")
    answers = columns((tmp_path / "answers.csv").read_text())
    assert answers["row"] == ["1", "2", "3"]
    assert answers["sold"] == ["yes", "no", "no"]
    assert "3 answers" in said.out
    assert "answered too" in said.err

    workbench("export", project, "--to", "onnx", "--out", tmp_path / "m.onnx")
    exported = columns(workbench("predict", tmp_path / "m.onnx", "--data", new).out)
    assert exported["sold"] == answers["sold"]
    assert [float(p) for p in exported["p(yes)"]] == pytest.approx([float(p) for p in answers["p(yes)"]], abs=1e-5)
    card = json.loads((tmp_path / "m.onnx.json").read_text())
    assert [step["step"] for step in card["cleaning"]][:2] == ["Rename Rent paid to rent", "Read rent as numbers"]

    said = workbench("predict", project, "--data", tmp_path / "answers.csv", fails=True)
    assert said.status == 2
    assert 'lacks the column "Rent paid"' in said.err
    assert len(said.err.splitlines()) == 1


def test_pasted_cells_are_found_in_the_project(workbench: Workbench, tmp_path: Path) -> None:
    project, table = tmp_path / "p", tmp_path / "t.csv"
    table.write_text("a,b\n" + "\n".join(f"{i},{3 * i}" for i in range(30)))
    workbench("new", project, "--data", table)
    home = ProjectFolder(project)
    home.data.mkdir()
    table.rename(home.data / "pasted.csv")
    was = home.load()
    assert was.data is not None
    home.save(replace(was, data=replace(was.data, source="pasted", path="data/pasted.csv", csv=CsvOptions())))
    workbench("train", project, "--epochs", 2)
    assert workbench("evaluate", project, "--json").object["rows"] > 0
    assert "Nothing to clean" in workbench("clean", project).out


def test_pictures_that_have_no_labels(workbench: Workbench, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, colour in (("blue", (30, 30, 220)), ("red", (220, 30, 30))):
        for i in range(12):
            folder = tmp_path / "data" / name
            folder.mkdir(parents=True, exist_ok=True)
            pixels = np.clip(rng.normal(colour, 15, (20 + i, 24, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{i}.png")
    workbench("new", tmp_path / "p", "--data", tmp_path / "data", "--template", "softmax")
    workbench("train", tmp_path / "p", "--epochs", 30)

    loose = tmp_path / "loose"
    (loose / "more").mkdir(parents=True)
    Image.new("RGB", (900, 700), (230, 10, 20)).save(loose / "b10.jpg")
    Image.new("RGB", (30, 30), (0, 0, 200)).quantize(4).save(loose / "b2.png")
    Image.new("RGBA", (30, 30), (0, 0, 255, 255)).save(loose / "more" / "c.png")
    (loose / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (loose / "notes.txt").write_text("not a picture")

    said = workbench("predict", tmp_path / "p", "--data", loose)
    answers = columns(said.out)
    assert answers["picture"] == ["b2.png", "b10.jpg", "broken.png", "more/c.png"]
    assert answers["class"] == ["blue", "red", "", "blue"]
    assert "broken.png" in said.err
    workbench("export", tmp_path / "p", "--to", "onnx", "--out", tmp_path / "m.onnx")
    exported = columns(workbench("predict", tmp_path / "m.onnx", "--data", loose).out)
    assert exported["class"] == answers["class"]

    table = tmp_path / "t.csv"
    table.write_text("a,b\n1,2\n2,3\n")
    said = workbench("predict", tmp_path / "p", "--data", table, fails=True)
    assert "takes pictures" in said.err


def test_columns_alike_but_for_case_and_named_like_python(workbench: Workbench, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    names = "class,def,None,C,c,a b,a_b,A_B,größe,row,=sum(A1),y"
    cells = "{0},{1},{2},{3},{4},{5},{6},{7},{8},{9},{10},{11}"
    lines = [
        cells.format(
            i, i * 2 % 7, i % 3, "pqr"[i % 3], i % 11, i % 4, i % 6, i % 8, "éü"[i % 2], i % 9, i % 5, "xy"[i % 2]
        )
        for i in range(80)
    ]
    table.write_text("\n".join([names, *lines]), "utf-8")
    workbench("new", tmp_path / "p", "--data", table, "--target", "y")
    workbench("train", tmp_path / "p", "--epochs", 3)
    answers = columns(workbench("predict", tmp_path / "p", "--data", table).out)
    workbench("export", tmp_path / "p", "--to", "savedmodel", "--out", tmp_path / "m")
    exported = columns(workbench("predict", tmp_path / "m", "--data", table).out)
    assert [float(p) for p in exported["p(y)"]] == pytest.approx([float(p) for p in answers["p(y)"]], abs=1e-5)


def test_answers_are_harmless_in_a_spreadsheet_and_keep_odd_target_names(workbench: Workbench, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("x,row\n" + "\n".join(f'{i},"{("=cmd()", "+1", "@z")[i % 3]}"' for i in range(60)))
    workbench("new", tmp_path / "p", "--data", table, "--target", "row")
    workbench("train", tmp_path / "p", "--epochs", 1)
    lines = workbench("predict", tmp_path / "p", "--data", table).out.splitlines()
    assert lines[0].startswith("row,row,probability,p(+1),p(=cmd())")
    assert lines[1].startswith(("1,'=cmd()", "1,'+1", "1,'@z"))
