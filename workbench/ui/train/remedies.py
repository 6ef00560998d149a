"""What can be pressed after a run failed: each an ordinary undoable change of the settings. Without Qt."""

from __future__ import annotations

from workbench.core import edits
from workbench.core.catalog import Catalog
from workbench.core.project import TrainSpec
from workbench.link.messages import RunEnded
from workbench.link.transport import KILLED
from workbench.ui.train.findings import Remedy, calmer

CLIP = 1.0


def remedies_for(ended: RunEnded | None, train: TrainSpec, catalog: Catalog, said: str = "") -> tuple[Remedy, ...]:
    """For the cause a run ended with, or for what was said of an engine that is gone; those that are taken already are
    not offered."""
    if ended is None:
        return _smaller(train) if KILLED in said else ()
    if ended.reason != "failed":
        return ()
    if ended.cause == "memory":
        return _smaller(train)
    if ended.cause == "nan":
        return _calmer(ended, train, catalog)
    return ()


def _smaller(train: TrainSpec) -> tuple[Remedy, ...]:
    half = train.batch_size // 2
    return (Remedy(f"Batch size {half}", edits.set_train(batch_size=half)),) if half else ()


def _calmer(ended: RunEnded, train: TrainSpec, catalog: Catalog) -> tuple[Remedy, ...]:
    found = []
    params = dict(train.optimizer_params)
    rate = params.get("learning_rate")
    follows = rate is not None and (isinstance(rate, bool) or not isinstance(rate, (int, float)))
    lower = calmer(ended.rate, 0.1, train.optimizer)
    if not follows and ended.rate > 0 and (rate is None or rate > lower):
        changed = {**params, "learning_rate": lower}
        found.append(Remedy(f"Learning rate {lower:g}", edits.set_train(optimizer_params=changed)))
    entry = catalog.optimizers.get(train.optimizer)
    clips = any(params.get(name) for name in ("clipnorm", "clipvalue", "global_clipnorm"))
    if entry is not None and entry.field("global_clipnorm") is not None and not clips:
        changed = {**params, "global_clipnorm": CLIP}
        found.append(Remedy("Clip the gradients", edits.set_train(optimizer_params=changed)))
    return tuple(found)
