"""What can be pressed after a run failed: each an ordinary undoable change of the settings. Without Qt."""

from __future__ import annotations

from workbench.core import edits
from workbench.core.catalog import Catalog
from workbench.core.project import TrainSpec
from workbench.link.messages import RunEnded
from workbench.ui.train.findings import Remedy

CLIP = 1.0


def remedies_for(ended: RunEnded | None, train: TrainSpec, catalog: Catalog) -> tuple[Remedy, ...]:
    """For the cause a run ended with; those that are taken already are not offered."""
    if ended is None or ended.reason != "failed":
        return ()
    if ended.cause == "memory" and train.batch_size > 1:
        half = train.batch_size // 2
        return (Remedy(f"Batch size {half}", edits.set_train(batch_size=half)),)
    if ended.cause == "nan":
        return _calmer(ended, train, catalog)
    return ()


def _calmer(ended: RunEnded, train: TrainSpec, catalog: Catalog) -> tuple[Remedy, ...]:
    found = []
    params = dict(train.optimizer_params)
    rate = params.get("learning_rate")
    follows = rate is not None and (isinstance(rate, bool) or not isinstance(rate, (int, float)))
    lower = float(f"{ended.rate / 10:.2g}")
    if not follows and ended.rate > 0 and (rate is None or rate > lower):
        changed = {**params, "learning_rate": lower}
        found.append(Remedy(f"Learning rate {lower:g}", edits.set_train(optimizer_params=changed)))
    entry = catalog.optimizers.get(train.optimizer)
    clips = any(params.get(name) for name in ("clipnorm", "clipvalue", "global_clipnorm"))
    if entry is not None and entry.field("global_clipnorm") is not None and not clips:
        changed = {**params, "global_clipnorm": CLIP}
        found.append(Remedy("Clip the gradients", edits.set_train(optimizer_params=changed)))
    return tuple(found)
