"""Whether a run goes on under a schedule of the learning rate that has ended. Without Qt."""

from __future__ import annotations

import numpy as np

from workbench.core.catalog import find_object, is_number, load_catalog, object_parts
from workbench.core.schedule_length import RATE
from workbench.core.schedules import NOTHING
from workbench.ui.train.findings import Finding, Remedy, Watched, column_of, with_optimizer

LEAST = 2  # epochs at next to nothing before it is said: the last one of a schedule that fits ends there
SHARE = 0.1  # of the epochs


def ended(run: Watched, loss: np.ndarray) -> Finding | None:
    """A learning rate that its schedule has taken to next to nothing well before the end of the run."""
    value = run.train.optimizer_params.get(RATE)
    seen = column_of(run, RATE)
    parts = None if value is None or is_number(value) else object_parts(value)
    if parts is None or len(seen) < LEAST:
        return None
    kind, params = parts
    begun = [params.get(name) for name in ("initial_learning_rate", "warmup_target")]
    highest = max([float(np.nanmax(seen)), *(float(rate) for rate in begun if is_number(rate))])
    alive = np.flatnonzero(seen > NOTHING * highest)
    first = int(alive[-1]) + 1 if len(alive) else 0
    still = len(seen) - first
    if still < max(LEAST, SHARE * max(run.train.epochs, len(seen))):
        return None
    entry = find_object(load_catalog(), "schedules", kind)
    lengths = {f.name for f in entry.fields if f.unset} if entry is not None else set()
    fitted = {"kind": kind, "params": {k: v for k, v in params.items() if k not in lengths}}
    typed = any(params.get(name) is not None for name in lengths)
    return Finding(
        "ended",
        "warn",
        f"The learning rate has been next to nothing since epoch {first + 1}.",
        f"Its schedule ends there: the {still} epochs since then have hardly changed the weights.",
        (Remedy("A schedule as long as the run", with_optimizer(**{RATE: fitted})),) if typed else (),
    )
