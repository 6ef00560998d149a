"""Journeys on real files, to figures that only a working journey reaches. What the lessons promise after more epochs,
benchmarks/ladder.py measures."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from workbench.core.storage import ProjectFolder

from .conftest import Workbench, columns

pytestmark = pytest.mark.slow


def test_titanic(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    project = tmp_path / "titanic"
    workbench("new", project, "--data", real_data / "titanic" / "train.csv", "--target", "Survived")
    assert "Drop column Cabin" in workbench("clean", project).out
    assert not ProjectFolder(project).load().recipe, "listing changes nothing"
    accepted = workbench("clean", project, "--accept-suggestions", "--json").objects
    assert {step["kind"] for step in accepted} >= {"drop_column", "drop_missing"}
    assert len(ProjectFolder(project).load().recipe) == len(accepted)

    workbench("train", project, "--epochs", 600)

    scores = workbench("evaluate", project, "--json").object
    assert scores["accuracy"] >= 0.78
    assert 0.55 < scores["baseline"] < 0.68
    said = workbench("evaluate", project).out
    assert "baseline accuracy" in said

    new = real_data / "titanic" / "test.csv"
    answers = columns(workbench("predict", project, "--data", new).out)
    assert len(answers["row"]) == 418, "every passenger is answered, also those without a port"
    assert set(answers["Survived"]) == {"0", "1"}
    workbench("export", project, "--to", "onnx", "--out", tmp_path / "t.onnx")
    exported = columns(workbench("predict", tmp_path / "t.onnx", "--data", new).out)
    assert [float(p) for p in exported["p(1)"]] == pytest.approx([float(p) for p in answers["p(1)"]], abs=1e-5)


def test_fashion_with_one_hidden_layer(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    workbench("new", tmp_path / "p", "--data", real_data / "fashion-mnist", "--template", "dense")
    workbench("train", tmp_path / "p", "--epochs", 5)
    scores = workbench("evaluate", tmp_path / "p", "--json").object
    assert scores["rows"] == 10_000
    assert scores["accuracy"] >= 0.87
    assert scores["baseline"] == pytest.approx(0.1)


def test_mnist_with_ten_neurons(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    workbench("new", tmp_path / "p", "--data", real_data / "mnist", "--template", "softmax")
    workbench("train", tmp_path / "p", "--epochs", 2)
    scores = workbench("evaluate", tmp_path / "p", "--json").object
    assert scores["accuracy"] >= 0.91
    assert scores["rows"] == 10_000


def test_mnist_with_convolutions(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    """The first of the digits, in files as they come; all of them are trained by `benchmarks ladder`."""
    for part, rows in (("train", 8_000), ("t10k", 2_000)):
        for kind, head, each in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
            name = f"{part}-{kind}-ubyte"
            with gzip.open(real_data / "mnist" / f"{name}.gz") as file:
                begin, cells = file.read(head), file.read(rows * each)
            (tmp_path / "few").mkdir(exist_ok=True)
            (tmp_path / "few" / name).write_bytes(begin[:4] + rows.to_bytes(4, "big") + begin[8:] + cells)
    workbench("new", tmp_path / "p", "--data", tmp_path / "few", "--template", "cnn")
    workbench("train", tmp_path / "p", "--epochs", 1)
    scores = workbench("evaluate", tmp_path / "p", "--json").object
    assert scores["accuracy"] >= 0.85
    assert scores["rows"] == 2_000


def test_flowers_of_mixed_sizes(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    project, folder = tmp_path / "flowers", real_data / "images-flowers12"
    workbench("new", project, "--data", folder)
    workbench("train", project, "--epochs", 4)
    scores = workbench("evaluate", project, "--json").object
    assert scores["rows"] == 240
    assert scores["accuracy"] > 3 * scores["baseline"]
    daisies = columns(workbench("predict", project, "--data", folder / "test" / "daisy").out)
    assert len(daisies["picture"]) == 20
    assert "daisy" in daisies["class"]
    one = next((folder / "test" / "daisy").iterdir())
    alone = columns(workbench("predict", project, "--data", one).out)
    place = daisies["picture"].index(one.name)
    assert float(alone["probability"][0]) == pytest.approx(float(daisies["probability"][place]), abs=1e-5)


def test_the_price_of_a_house_that_is_in_no_table(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    """The one asked about is like the first of the table but for its rooms; prices are in thousands."""
    file = real_data / "tabular" / "housing.csv"
    project, ours = tmp_path / "p", tmp_path / "ours.csv"
    workbench("new", project, "--data", file)
    workbench("train", project, "--epochs", 300)
    scores = workbench("evaluate", project, "--json").object
    assert scores["mean_absolute_error"] < 0.6 * scores["baseline"]
    cells = file.read_text().split("\n", 1)[0].split(",")[:-1]
    names = [f"column {number}" for number in range(1, len(cells) + 1)]
    lines = [",".join([*cells[:5], rooms, *cells[6:]]) for rooms in ("5.0", "8.0")]
    ours.write_text("\n".join([",".join(names), *lines]) + "\n")
    small, large = map(float, columns(workbench("predict", project, "--data", ours).out)["column 14"])
    assert 5 < small < large < 60


def test_messages_are_told_from_spam(workbench: Workbench, tmp_path: Path, real_data: Path) -> None:
    project, said = tmp_path / "p", tmp_path / "said.csv"
    workbench("new", project, "--data", real_data / "text" / "sms.tsv", "--target", "column 1")
    workbench("train", project, "--epochs", 10)
    scores = workbench("evaluate", project, "--json").object
    assert scores["accuracy"] >= 0.975
    assert scores["baseline"] < 0.9
    said.write_text("n,column 2\n1,WINNER!! Claim your free prize now: text WIN to 80082\n2,See you at home later\n")
    assert columns(workbench("predict", project, "--data", said).out)["column 1"] == ["spam", "ham"]


@pytest.mark.parametrize(
    ("file", "target", "metric", "better_than"),
    [
        ("california_housing.csv", "median_house_value", "mean_absolute_error", 0.5),
    ],
)
def test_a_table_beats_its_baseline(
    workbench: Workbench,
    tmp_path: Path,
    real_data: Path,
    file: str,
    target: str,
    metric: str,
    better_than: float,
) -> None:
    words = ["--target", target] if target else []
    workbench("new", tmp_path / "p", "--data", real_data / "tabular" / file, *words)
    workbench("clean", tmp_path / "p", "--accept-suggestions")
    workbench("train", tmp_path / "p", "--epochs", 15 if "california" in file else 300)
    scores = workbench("evaluate", tmp_path / "p", "--json").object
    ratio = scores[metric] / scores["baseline"]
    assert ratio > better_than if metric == "accuracy" else ratio < better_than
