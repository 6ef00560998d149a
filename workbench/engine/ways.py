"""Which way of computing a run takes, of those that were built for it: by its settings, by what was measured of it
before (timings.py), or by trying two of them now (modes.py)."""

from __future__ import annotations

from collections.abc import Callable

from . import modes, timings
from .built import Built, Plan
from .checkpoints import Place


class Ways:
    """Of one run. device: it is computed on. say: takes a state and a text."""

    def __init__(self, built: Built, plan: Plan, device: str, say: Callable[[str, str], None]) -> None:
        self._built, self._plan, self._device, self._say = built, plan, device, say

    def choose(self, place: Place, epochs: int, before: str) -> modes.Way:
        """The way from that place on. before: the mode of the run that is resumed, as it is part of the result; "" for
        a new one."""
        built, settings, outputs = self._built, self._plan.settings, self._plan.found.outputs
        model, feed, one = built.model, built.train, built.plain.spread.one
        small = place.step == 0 and modes.may_sweep(settings, model)
        if before:
            return built.way(xla=one and before in (modes.XLA, modes.STREAMED_XLA), begins=small)
        way = built.way(xla=settings.compiler == "on" and one and modes.may_compile(feed), begins=small)
        if settings.compiler != "auto" or not one or not modes.may_pay(model, feed, epochs, self._device):
            return way
        tried = built.way(xla=True, begins=small)
        if tried.sweeps is None and modes.surely_pays(model, feed, epochs, settings, outputs, self._device):
            return tried
        return tried if self._timing(way, tried).pays((epochs - place.epoch) * feed.steps) else way

    def refused(self, way: modes.Way) -> str:
        """Why a way does not use XLA although that was asked for, for people; "" where it does, or was not."""
        if self._plan.settings.compiler != "on" or way.loops.xla:
            return ""
        if not self._built.plain.spread.one:
            why = "the run is computed on several devices"
        elif self._built.train.encoding.varies:
            why = "it knows no way to vary pictures"
        else:
            why = "the run began without it" if modes.may_compile(self._built.train) else "its compiler has no memory"
        return f"XLA is not used, as {why}."

    def _timing(self, plain: modes.Way, tried: modes.Way) -> modes.Timing:
        """What was measured of two ways: before, or now."""
        settings = self._plan.settings
        key = timings.key(tried, settings, self._plan.found.outputs, self._device)
        timing = timings.recall(key)
        if timing is None:
            self._say("tracing", "Measuring which way of computing is fastest.")
            assert self._built.keeper is not None
            variables = [*modes.all_variables(self._built.model), *self._built.keeper.shadows]
            timing = modes.measured(plain, tried, settings.seed, variables)
            timings.keep(key, timing)
        return timing
