"""What the workers answer: each request by the module that knows. TensorFlow is loaded with the first that needs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import Cancelled, TrainError
from workbench.link.messages import (
    CheckGraph,
    Evaluate,
    Export,
    Forecast,
    GraphChecked,
    ImportModel,
    InspectModel,
    MakeNetwork,
    Message,
    Predict,
    Predicted,
    PredictFile,
    Progress,
    Ready,
    TryRates,
    Varied,
    Vary,
    Warm,
)

from . import devices
from .control import RunControl
from .running import Running

if TYPE_CHECKING:  # these load TensorFlow, which the worker threads do
    from .built import Shelf
    from .predict import Predictors


class Answers:
    """running: the run that trains or trained last. send: for progress. shelf: what was built for the next run."""

    def __init__(
        self, running: Callable[[], Running | None], send: Callable[[Message], None], shelf: Callable[[], Shelf]
    ) -> None:
        self._run = running
        self._shelf = shelf
        self._send = send
        self._predictors: Predictors | None = None
        self._started = time.monotonic()

    def answer(self, message: Message, control: RunControl) -> Message:
        """The answer to a request; `control` tells when it is given up. Whatever it raises is the request's failure."""

        def say(done: float, total: float, text: str) -> None:
            if control.ending:
                raise Cancelled
            self._send(Progress(done, total, text, request=message.request))

        if isinstance(message, ImportModel):  # before TensorFlow, which it does not wait for
            from .import_model import import_model

            return import_model(message.path, message.weights, say)
        devices.setup()
        if isinstance(message, Warm):
            return self._warm()
        if isinstance(message, CheckGraph):
            from .graph_check import check_graph

            begin = time.perf_counter()
            with devices.BUILDING:
                facts = check_graph(message.graph, message.data, message.train)
            return GraphChecked(facts, 1000 * (time.perf_counter() - begin))
        if isinstance(message, Predict):
            return self._predict(message)
        if isinstance(message, Vary):
            from .augment import cost, examples

            made = examples(message.pictures, message.augment, message.seed)
            return Varied(made, cost(message.pictures[0], message.augment) if len(made) else 0.0)
        if isinstance(message, Evaluate):
            from .evaluate import evaluate

            return evaluate(Path(message.folder), message.part, message.prepared, control, message.checkpoint)
        if isinstance(message, Export):
            from .export import run_export

            return run_export(message.folder, message.format, message.out, say, message.checkpoint)
        if isinstance(message, (Forecast, TryRates)):
            run = self._run()
            if run is not None and not run.finished:
                raise TrainError("A run is training; what another would take cannot be measured beside it.")
        if isinstance(message, TryRates):
            from .range_test import try_rates

            return try_rates(message, control)
        if isinstance(message, Forecast):
            from .forecast import forecast

            return forecast(message.graph, message.data, message.train, message.augment, shelf=self._shelf())
        if isinstance(message, InspectModel):
            from .inspect_model import describe

            return describe(message.path)
        if isinstance(message, MakeNetwork):
            from .import_network import make_network

            return make_network(message.name, message.data, message.weights, message.file, message.frozen, say)
        if isinstance(message, PredictFile):
            from .export.answer import answer_file

            begin = time.perf_counter()
            y = answer_file(message.path, message.x, message.outputs)
            return Predicted(y, 1000 * (time.perf_counter() - begin))
        raise TypeError(f"no work for {type(message).__name__}")

    def _warm(self) -> Ready:
        from .warm import warm_up

        warm_up()
        return Ready(devices.versions(), devices.list_devices(), time.monotonic() - self._started)

    def _predict(self, message: Predict) -> Predicted:
        from .predict import Predictors

        begin = time.perf_counter()
        folder, run = Path(message.folder), self._run()
        live = run.live if message.live and run is not None and run.folder == folder else None
        y = live.predict(message.x) if live is not None else None
        if y is None:
            if self._predictors is None:
                self._predictors = Predictors()
            y = self._predictors.of_run(folder, message.checkpoint).predict(message.x)
        return Predicted(y, 1000 * (time.perf_counter() - begin))
