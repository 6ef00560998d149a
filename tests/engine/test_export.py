"""An exported file answers like the model, in its own runtime, on raw columns with gaps and strangers among them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.core import runs
from workbench.core.data.dataset import ImageData, LoadReport, TableData
from workbench.core.data.prepared import prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.errors import ExportError
from workbench.core.project import ColumnFeature, Features, ImageFeature, Project, Split
from workbench.core.templates import template
from workbench.engine import checkpoints
from workbench.engine.build import build_model
from workbench.engine.export import RUNTIMES, SUFFIXES, _compare, fresh, run_export
from workbench.engine.export.answer import answer_file
from workbench.engine.inspect_model import describe
from workbench.engine.predict import Predictors
from workbench.headless_answers import raw_cells
from workbench.link.messages import Exported

from .forked import Forks

NEW_INTERPRETER = fresh.run

RANDOM = np.random.default_rng(3)


def table(target: str) -> tuple[Project, TableData]:
    rows = 80
    age = RANDOM.normal(40, 12, rows).round(1)
    age[::9] = np.nan
    frame = pd.DataFrame(
        {
            "Age (years)": age,
            "size": RANDOM.integers(1, 4, rows),
            "città": np.where(RANDOM.random(rows) < 0.2, None, RANDOM.choice(["Roma", "Bari", "Asti"], rows)),
            "bought": RANDOM.choice(["no", "yes"], rows),
            "price": RANDOM.normal(300_000, 80_000, rows),
        }
    )
    other = {"bought": "price", "price": "bought", "both": ""}[target]
    features = Features(
        task="auto",
        columns=(
            ColumnFeature("Age (years)", "input", "standard"),
            ColumnFeature("size", "input", "onehot"),
            ColumnFeature("città", "input", "onehot"),
            *(
                ColumnFeature(name, "ignore" if name == other else "target", encoder)
                for name, encoder in (("bought", "class"), ("price", "standard"))
            ),
        ),
        split=Split(0.6, 0.2, 0.2),
    )
    data = TableData(frame, LoadReport(rows=rows, fingerprint=target), np.zeros(rows, np.uint8))
    return Project(name="Käufer", features=features), data


def mixed() -> tuple[Project, TableData]:
    """A column for every encoder that the others leave out."""
    rows = 90
    pick = RANDOM.choice
    encoders = {
        "income": ("log", {"flag": True, "clip": "quartiles", "factor": 3, "beyond": "missing", "fill": "mean"}),
        "debt": ("robust", {"clip": "percentiles", "lowest": 5, "highest": 95}),
        "colour": ("onehot", {"fill": "mode"}),
        "share": ("minmax", {"flag": True}),
        "grade": ("ordinal", {}),
        "town": ("frequency", {}),
        "when": ("dates", {}),
        "genres": ("multihot", {}),
        "street": ("hash", {"buckets": 8}),
        "title": ("bag", {"words": 12}),
        "note": ("tfidf", {"words": 12}),
    }
    income = RANDOM.lognormal(8, 2, rows) * pick([-1, 1], rows)
    income[::7] = np.nan
    words = [f"w{i}" for i in range(20)]
    frame = pd.DataFrame(
        {
            "income": income,
            "debt": RANDOM.standard_t(2, rows),
            "share": np.where(RANDOM.random(rows) < 0.1, np.nan, RANDOM.random(rows)),
            "colour": np.where(RANDOM.random(rows) < 0.2, None, pick(["red", "blue", "green"], rows)),
            "grade": pick(["poor", "fair", "good"], rows),
            "town": np.where(RANDOM.random(rows) < 0.2, None, pick(["Roma", "Bari", "Asti", "Pisa"], rows)),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(RANDOM.integers(0, 9000, rows), "h"),
            "genres": ["|".join(pick(list("abcd"), 2)) for _ in range(rows)],
            "street": pick([f"street {i}" for i in range(30)], rows),
            "title": [" ".join(pick(words, 3)) for _ in range(rows)],
            "note": [" ".join(pick(words, 5)) for _ in range(rows)],
            "y": pick(["no", "yes"], rows),
        }
    )
    columns = [ColumnFeature(name, "input", encoder, params) for name, (encoder, params) in encoders.items()]
    features = Features("classification", (*columns, ColumnFeature("y", "target", "class")), split=Split(0.6, 0.2, 0.2))
    data = TableData(frame, LoadReport(rows=rows, fingerprint="mixed"), np.zeros(rows, np.uint8))
    return Project(name="Mixed", features=features), data


def texts() -> tuple[Project, TableData]:
    """A text read word by word beside other columns, one of them encoded beforehand too."""
    project, data = mixed()
    kept = ("income", "colour", "title", "note", "y")
    columns = tuple(c for c in project.features.columns if c.name in kept)
    columns = tuple(ColumnFeature(c.name, "input", "tokens") if c.name == "note" else c for c in columns)
    frame = data.frame[[c.name for c in columns]].copy()
    frame.loc[::11, "note"] = None
    data = replace(data, frame=frame, report=replace(data.report, fingerprint="texts"))
    return Project(name="Texts", features=replace(project.features, columns=columns)), data


def pictures() -> tuple[Project, ImageData]:
    array = RANDOM.integers(0, 256, (60, 12, 12, 1)).astype(np.uint8)
    labels = np.arange(60, dtype=np.int32) % 3
    data = ImageData(("a", "b", "c"), labels, np.zeros(60, np.uint8), LoadReport(rows=60, fingerprint="p"), array)
    return Project(name="Pictures", features=Features(image=ImageFeature(), split=Split(0.6, 0.2, 0.2))), data


def untrained_run(tmp_path: Path, project: Project, data, name: str) -> Path:
    """A run whose best weights are the initial ones: enough to ask whether a file answers the same."""
    prepared = prepare(project, data, data if isinstance(data, TableData) else None, tmp_path / "cache")
    project = replace(project, graph=template(name, prepared.facts))
    folder = runs.create_run(
        tmp_path / "runs", project, prepared.facts, prepared.preprocessor.to_json(), prepared.folder
    )
    model = build_model(project.graph, prepared.facts, 5)
    checkpoints.save_best(folder, model, checkpoints.host(model.variables), 0)
    runs.update_run(folder, best_epoch=0, state="finished")
    return folder


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory):
    made: dict[str, Path] = {}

    def get(kind: str) -> Path:
        if kind not in made:
            if kind in ("mixed", "texts"):
                project, data = mixed() if kind == "mixed" else texts()
            else:
                target = {"classes": "bought", "several": "both"}.get(kind, "price")
                project, data = pictures() if kind == "pictures" else table(target)
            name = {"pictures": "lenet", "texts": "two-branch"}.get(kind, "dense")
            made[kind] = untrained_run(tmp_path_factory.mktemp(kind), project, data, name)
        return made[kind]

    return get


@pytest.fixture(scope="module")
def forks():
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def exported(run_of, tmp_path_factory: pytest.TempPathFactory):
    """The file "model" of a kind in a format, alone in its folder with what belongs to it; written once."""
    made: dict[tuple[str, str], tuple[Exported, list[str]]] = {}

    def get(kind: str, format: str) -> tuple[Exported, list[str]]:
        if (kind, format) not in made:
            out = tmp_path_factory.mktemp(kind) / f"model{SUFFIXES[format]}"
            said: list[str] = []
            done = run_export(str(run_of(kind)), format, str(out), lambda done, total, text: said.append(text))
            made[kind, format] = done, said
        return made[kind, format]

    return get


@pytest.fixture(autouse=True)
def _quickly_fresh(forks: Forks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "run", forks.run)


FORMATS = [
    *((kind, format) for kind in ("classes", "prices", "pictures", "mixed") for format in RUNTIMES),
    *(("texts", format) for format in ("keras", "onnx", "litert")),
    *(("several", format) for format in ("keras", "onnx", "litert", "python")),
]


@pytest.mark.parametrize(("kind", "format"), FORMATS)
def test_each_format_answers_like_the_model(exported, kind, format):
    done, said = exported(kind, format)
    out = Path(done.path)
    assert done.difference <= (0.5 if kind in ("prices", "several") else 1e-5)  # prices are about 300,000
    assert done.samples >= 10
    assert out.exists()
    assert done.size > 1000
    assert said[-1] == "Done"
    assert sorted(p.name for p in out.parent.iterdir()) == sorted(Path(f).name for f in done.files)


def test_a_new_interpreter_answers_too(run_of, tmp_path, monkeypatch):
    """As a person's export does it; the other tests here fork one that has imported Keras already."""
    monkeypatch.setattr(fresh, "run", NEW_INTERPRETER)
    assert run_export(str(run_of("classes")), "python", str(tmp_path / "m.py")).difference <= 1e-5
    (tmp_path / "m.py").write_text("raise ValueError('no such layer')")
    with pytest.raises(ExportError, match="ValueError: no such layer"):
        fresh.answers(fresh.SCRIPT, tmp_path / "m.py", {"x": np.zeros((1, 1), np.float32)})


def test_the_card_beside_it_tells_how_to_use_the_file(exported):
    file = exported("classes", "onnx")[0].path
    card = json.loads(Path(f"{file}.json").read_text("utf-8"))
    assert card["classes"] == ["no", "yes"]
    assert [i["column"] for i in card["inputs"]] == ["Age (years)", "size", "città"]
    assert [i["name"] for i in card["inputs"]] == ["Age_years", "size", "citt"]
    raw = {
        "Age_years": np.array([[31.0], [np.nan]], np.float32),
        "size": np.array([["2"], ["9"]]),
        "citt": np.array([["Roma"], ["(missing)"]]),
    }
    answer = answer_file(file, raw)
    assert answer.shape == (2, 1)
    assert np.all((answer > 0) & (answer < 1))


def test_several_inputs_are_asked_for_by_their_columns(run_of, exported):
    folder = run_of("texts")
    file = exported("texts", "onnx")[0].path
    card = json.loads(Path(f"{file}.json").read_text("utf-8"))
    given = {i["column"]: i for i in card["inputs"]}
    assert set(given) == {"income", "colour", "title", "note"}
    assert given["note"]["type"].startswith("int32")
    fitted = Preprocessor.from_json(runs.read_preprocessor(folder))
    cells = raw_cells(card, fitted, texts()[1].frame.head(5))
    assert cells["note_encoded"].dtype == np.int32
    assert answer_file(file, cells).shape == (5, 1)


def test_what_is_encoded_beforehand_is_said_and_answers_the_same_from_raw_cells(run_of, exported):
    done, _ = exported("mixed", "onnx")
    assert '"genres"' in done.notes[1]
    assert '"town"' not in done.notes[1]
    card = json.loads(Path(f"{done.path}.json").read_text("utf-8"))
    given = {i["column"]: i for i in card["inputs"]}
    assert given["note"]["name"] == "note_encoded"
    assert given["note"]["shape"] == [None, 12]
    assert "lower case" in given["note"]["encoding"]
    assert "encoding" not in given["town"]
    preprocessor = Preprocessor.from_json(card["preprocessor"])
    frame = mixed()[1].frame
    frame.loc[3, "town"] = "Oslo"
    found = answer_file(done.path, raw_cells(card, preprocessor, frame))
    network = checkpoints.load_model(run_of("mixed"), "best")
    assert np.allclose(found, np.asarray(network(preprocessor.transform(frame))), atol=1e-5)


def test_a_file_that_answers_otherwise_is_not_kept(run_of, tmp_path, monkeypatch):
    out = tmp_path / "m.tflite"
    out.write_bytes(b"the old one")
    from workbench.engine.export import litert

    monkeypatch.setattr(
        litert, "answers", lambda path, inputs, _names: np.zeros((len(next(iter(inputs.values()))), 1)) + 9
    )
    with pytest.raises(ExportError, match="answers otherwise"):
        run_export(str(run_of("classes")), "litert", str(out))
    assert out.read_bytes() == b"the old one"
    assert [p.name for p in tmp_path.iterdir()] == ["m.tflite"]


def test_a_place_that_cannot_be_used_is_named(run_of, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(ExportError, match="holds other files"):
        run_export(str(run_of("classes")), "savedmodel", str(tmp_path / "mine"))
    with pytest.raises(ExportError, match=r"named \.onnx"):
        run_export(str(run_of("classes")), "onnx", str(tmp_path / "m.txt"))
    with pytest.raises(ExportError, match="cannot be written"):
        run_export(str(run_of("classes")), "onnx", str(tmp_path / "mine" / "thesis.txt" / "m.onnx"))
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
    for format, name in (("keras", "n" * 300 + ".keras"), ("onnx", "n" * 248 + ".onnx")):  # with .json behind it
        with pytest.raises(ExportError, match="File name too long"):
            run_export(str(run_of("classes")), format, str(tmp_path / name))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ExportError, match="is a folder"):
        run_export(str(run_of("classes")), "savedmodel", str(tmp_path / "pipe"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "pipe"]


def test_a_run_without_weights_says_so(tmp_path):
    project, data = table("bought")
    prepared = prepare(project, data, data, tmp_path / "cache")
    folder = runs.create_run(tmp_path / "runs", project, prepared.facts, {}, prepared.folder)
    with pytest.raises(ExportError, match="no trained weights"):
        run_export(str(folder), "keras", str(tmp_path / "m.keras"))


@pytest.mark.parametrize("format", ["keras", "savedmodel", "onnx", "litert"])
def test_an_exported_file_is_described_without_running_it(run_of, exported, format):
    out = exported("pictures", format)[0].path
    model = build_model(runs.read_project(run_of("pictures")).graph, runs.read_facts(run_of("pictures")), 0)
    found = describe(out)
    assert found.format == format
    assert found.inputs
    assert found.outputs
    if format == "onnx":  # the converter folds a few constants
        assert found.parameters == pytest.approx(model.count_params(), rel=0.05)
    if format == "keras":
        assert {row[1] for row in found.summary} >= {"Conv2D", "Dense", "Rescaling"}
        assert found.parameters == sum(row[3] for row in found.summary) == model.count_params()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"just text"])
def test_what_is_no_model_is_refused_in_plain_words(tmp_path, content):
    file = tmp_path / "m.keras"
    file.write_bytes(content)
    with pytest.raises(ExportError) as caught:
        describe(str(file))
    assert str(file) in caught.value.where


def test_several_outputs_are_told_by_name_and_decode_like_the_model(exported, run_of):
    """A row typed anew: what the file says by the names of its card is what the workbench answers."""
    done, _ = exported("several", "onnx")
    card = json.loads((Path(done.path).parent / "model.onnx.json").read_text("utf-8"))
    assert [(o["name"], o["target"], o["task"], o["units"]) for o in card["outputs"]] == [
        ("answer_bought", "bought", "classification", 1),
        ("answer_price", "price", "regression", 1),
    ]
    assert card["outputs"][0]["meaning"] == "probability of 'yes'; the rest is 'no'"
    assert card["outputs"][1]["meaning"] == "price, in its own units"
    assert (card["target"], card["classes"]) == ("bought", ["no", "yes"])
    assert any("2 outputs" in note for note in done.notes)
    preprocessor = Preprocessor.from_json(card["preprocessor"])
    frame = pd.DataFrame({"Age (years)": [33.0, None], "size": [2, 9], "città": ["Bari", None]})
    names = [o["name"] for o in card["outputs"]]
    raw = raw_cells(card, preprocessor, frame)
    found = answer_file(done.path, raw, names)
    assert np.array_equal(answer_file(done.path, raw, names[::-1]), found[:, ::-1])
    bought, price = preprocessor.answers(Predictors().of_run(run_of("several")).predict(preprocessor.arrays(frame)))
    assert np.allclose(found[:, 0], bought.probabilities[:, 1], atol=1e-5)
    assert np.allclose(found[:, 1], price.values, rtol=1e-5)


def test_a_wrong_probability_is_not_hidden_by_a_large_number():
    right = np.array([[0.9, 300_000.0], [0.2, 250_000.0]], np.float32)
    wrong = right + np.array([[0.5, 0.0], [0.0, 0.0]], np.float32)
    assert _compare(right, right, Path("m.onnx"), (1, 1)) == 0
    with pytest.raises(ExportError, match="otherwise than the model"):
        _compare(wrong, right, Path("m.onnx"), (1, 1))
