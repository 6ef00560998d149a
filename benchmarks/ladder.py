"""The ladder of the lessons, on handwritten digits and on clothes: what each rung reaches on the test pictures, and how
long it took against the script the program itself writes for it.

The pictures come from WORKBENCH_DATA or the folder of data sets beside the repository (mnist, fashion-mnist); without
them there is nothing to measure. Each rung is trained once by the engine and once by its script, in turn, in a process
of its own; of the script only `fit` is counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from workbench.core.codec import encode
from workbench.core.data import pipeline
from workbench.core.project import DataSpec, EarlyStopping, Features, Project, Split, TrainSpec
from workbench.core.runs import create_run
from workbench.link import messages as m

from .cases import Layers, graph
from .common import Result
from .engine import Engine

COSINE = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.001, "decay_steps": 0, "alpha": 0.01}}
DEEP: Layers = (
    ("Flatten", {}),
    *(("Dense", {"units": units, "activation": "relu"}) for units in (200, 100, 60, 30)),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
HIDDEN: Layers = (
    ("Flatten", {}),
    ("Dense", {"units": 128, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)


def _convolution(filters: int, size: int, strides: int) -> Layers:
    params = {"filters": filters, "kernel_size": [size, size], "strides": [strides, strides], "padding": "same"}
    return (
        ("Conv2D", {**params, "use_bias": False}),
        ("BatchNormalization", {"scale": False}),
        ("Activation", {"activation": "relu"}),
    )


CONVOLUTIONS: Layers = (
    *_convolution(6, 3, 1),
    *_convolution(12, 6, 2),
    *_convolution(24, 6, 2),
    ("Flatten", {}),
    ("Dense", {"units": 200, "use_bias": False}),
    ("BatchNormalization", {"scale": False}),
    ("Activation", {"activation": "relu"}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)


@dataclass(frozen=True)
class Rung:
    """wanted: accuracy on the test part. decays: the learning rate falls along a cosine to a hundredth."""

    name: str
    data: str
    layers: Layers
    epochs: int
    batch_size: int
    wanted: float
    decays: bool = False


RUNGS = (
    Rung("digits, ten neurons", "mnist", (HIDDEN[0], HIDDEN[2]), 8, 100, 0.92),
    Rung("digits, five dense layers, falling rate", "mnist", DEEP, 12, 100, 0.98, True),
    Rung("digits, convolutions, batch norm, falling rate", "mnist", CONVOLUTIONS, 10, 100, 0.992, True),
    Rung("clothes, 128 hidden, falling rate", "fashion-mnist", HIDDEN, 12, 64, 0.885, True),
)


def measure(rungs: tuple[Rung, ...] = RUNGS, folder: Path | None = None) -> Result:
    """figure: the least of what a rung reached less what is wanted of it, in percent points; 0 and above is good."""
    folder = folder or data_folder()
    if folder is None:
        return Result("ladder", float("nan"), "points: no data sets here; set WORKBENCH_DATA")
    details: dict[str, Any] = {}
    worst = float("inf")
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, WORKBENCH_HOME=str(Path(home) / "own")),
        Engine() as engine,
    ):
        for number, rung in enumerate(rungs):
            run = prepared_run(rung, folder, Path(home))
            trained = engine.train(run)
            scores = engine.client.call(m.Evaluate(str(run)), 600)
            assert isinstance(scores, m.Evaluated)
            reached = float(scores.metrics["accuracy"])
            script = Path(home) / f"rung_{number}.py"
            engine.client.call(m.Export(str(run), "python", str(script)), 600)
            plain = _script(script)
            worst = min(worst, 100 * (reached - rung.wanted))
            details[rung.name] = {
                "accuracy": round(reached, 4),
                "wanted": rung.wanted,
                "script_accuracy": round(plain["accuracy"], 4),
                "ours_s": round(trained.seconds, 1),
                "script_s": round(plain["seconds"], 1),
                "times_faster": round(plain["seconds"] / trained.seconds, 2),
                "mode": trained.mode,
            }
    return Result("ladder", worst, "points above what is wanted", details)


def data_folder() -> Path | None:
    """Where the data sets are; None when they are not on this machine."""
    named = os.environ.get("WORKBENCH_DATA")
    found = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return found if found.is_dir() else None


def prepared_run(rung: Rung, folder: Path, home: Path) -> Path:
    """A run folder of a rung, its arrays prepared as the program does; a tenth of the training pictures validates."""
    spec: DataSpec = pipeline.find_source(str(folder / rung.data))
    features = Features(split=Split(train=0.9, validation=0.1, test=0.0))
    staged = pipeline.stage(Project(name=rung.name, data=spec, features=features))
    prepared = pipeline.materialise(staged, home / "cache")
    settings: Mapping[str, Any] = {}
    if rung.decays:
        steps = -(-prepared.facts.rows["train"] // rung.batch_size)
        params = {**COSINE["params"], "decay_steps": rung.epochs * steps}  # type: ignore[dict-item]
        settings = {"learning_rate": {**COSINE, "params": params}}
    train = TrainSpec(
        batch_size=rung.batch_size,
        epochs=rung.epochs,
        optimizer_params=settings,
        early_stopping=EarlyStopping(monitor="val_accuracy"),
    )
    net = graph(rung.layers, prepared.facts.inputs[0].name)
    project = replace(staged.project, graph=net, train=train)
    return create_run(home / "runs", project, prepared.facts, encode(prepared.preprocessor), prepared.folder)


def _script(path: Path) -> dict[str, float]:
    """Run a written script as it is, in a process of its own. Raises RuntimeError when it fails."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(path)], capture_output=True, text=True, check=False, cwd=path.parent
    )
    if done.returncode:
        raise RuntimeError(f"{path.name}:\n{done.stderr[-4000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


DRIVER = """
import importlib.util, json, sys, time
import keras
told = {}
fit, evaluate = keras.Model.fit, keras.Model.evaluate
def timed(self, *args, **kwargs):
    began = time.perf_counter()
    try:
        return fit(self, *args, **{**kwargs, "verbose": 0})
    finally:
        told["seconds"] = time.perf_counter() - began
def scored(self, *args, **kwargs):
    found = evaluate(self, *args, **{**kwargs, "verbose": 0})
    if isinstance(found, dict):
        told.update(found)
    return found
keras.Model.fit, keras.Model.evaluate = timed, scored
spec = importlib.util.spec_from_file_location("written", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.main()
print()
print(json.dumps(told))
"""
