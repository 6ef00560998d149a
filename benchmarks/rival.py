"""The script a person would write: Keras' own Sequential, compile and fit, in a process without anything of ours.

`python -m benchmarks.rival` reads one JSON line a job from standard input and answers with one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from .cases import ANSWERED, TRAININGS, Case


def fit(case: Case, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """seconds: of building, compiling and fitting. steady: steps a second after the first epoch.

    x is float32 and scaled already: making it so is not counted.
    """
    import keras

    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, _logs: ends.append(time.perf_counter()))
    begin = time.perf_counter()
    keras.utils.set_random_seed(0)
    layers = [getattr(keras.layers, kind)(**params) for kind, params in case.layers]
    model = keras.Sequential([keras.Input(case.shape), *layers])
    if case.classes:
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    else:
        model.compile("sgd", "mean_squared_error", metrics=["mean_absolute_error"])
    model.fit(x, y, batch_size=case.batch_size, epochs=case.epochs, verbose=0, callbacks=[clock])
    seconds = time.perf_counter() - begin
    steady = (len(ends) - 1) * case.steps / (ends[-1] - ends[0]) if len(ends) > 1 else 0.0
    return {"seconds": seconds, "steady": steady}


def predict_one(case: Case, rounds: int = 50) -> float:
    """Median seconds of predicting one row."""
    import keras

    layers = [getattr(keras.layers, kind)(**params) for kind, params in case.layers]
    model = keras.Sequential([keras.Input(case.shape), *layers])
    x = np.zeros((1, *case.shape), np.float32)
    model.predict(x, verbose=0)
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        model.predict(x, verbose=0)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


class Rival:
    """That process, warm and waiting, in a session of its own as the engine is: Linux shares out time by sessions."""

    def __enter__(self) -> Rival:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.rival"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=Path(__file__).resolve().parents[1],
            start_new_session=True,
        )
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def fit(self, index: int) -> dict[str, float]:
        """Fit the training of that number."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{index}\n")
        self._process.stdin.flush()
        return self._answer()

    def predict(self) -> float:
        """Median seconds of `model.predict` on one picture."""
        assert self._process.stdin is not None
        self._process.stdin.write("predict\n")
        self._process.stdin.flush()
        return float(self._answer()["seconds"])

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the plain script ended with {self._process.wait()}")
        return json.loads(line)


def serve() -> None:
    import keras

    warm = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    warm.compile("adam", "mse")
    warm.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0)
    print("{}", flush=True)
    for line in sys.stdin:
        if line.strip() == "predict":
            print(json.dumps({"seconds": predict_one(ANSWERED)}), flush=True)
            continue
        case = TRAININGS[int(line)]
        x, y = case.arrays()
        x = x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x
        print(json.dumps(fit(case, x, y)), flush=True)


if __name__ == "__main__":
    serve()
