"""The usual training settings as fields, and how their choices are called. Without widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.core.catalog import Catalog
from workbench.core.fields import Field
from workbench.core.project import TrainSpec
from workbench.ui.readable import output_of, pretty

COMMON_OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "Nadam")
COMMON_LOSSES = {
    "classification": ("sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"),
    "regression": ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh"),
    "reconstruction": ("mean_squared_error", "mean_absolute_error", "binary_crossentropy"),
}
DEFAULTS = TrainSpec()

EPOCHS = Field(
    "epochs", "int", "Epochs", DEFAULTS.epochs, minimum=1, maximum=1_000_000,
    help="How often all training rows are gone through. Too few: it has not learned yet. Too many: time, overfitting.",
)  # fmt: skip
BATCH = Field(
    "batch_size", "int", "Batch size", DEFAULTS.batch_size, minimum=1, maximum=1_000_000,
    help="How many rows are looked at before the weights change once. "
    "Larger is faster and smoother, smaller often learns in fewer epochs.",
)  # fmt: skip
SEED = Field(
    "seed", "int", "Seed", DEFAULTS.seed, minimum=0, maximum=2**31 - 1,
    help="Where the random numbers of starting weights, shuffling and dropout begin. The same seed gives the same run.",
)  # fmt: skip


def optimizer_field(catalog: Catalog) -> Field:
    names = list(catalog.optimizers)
    first = [n for n in COMMON_OPTIMIZERS if n in names]
    return Field(
        "optimizer", "choice", "Optimizer", DEFAULTS.optimizer, choices=(*first, *(n for n in names if n not in first)),
        help="The rule that turns gradients into steps. Adam suits most nets; SGD with momentum is the classic.",
    )  # fmt: skip


def loss_field(catalog: Catalog, task: str) -> Field:
    first = [n for n in COMMON_LOSSES.get(task, ()) if n in catalog.losses]
    return Field(
        "loss", "choice", "Loss", "auto", choices=("auto", *first, *(n for n in catalog.losses if n not in first)),
        help="What training makes small: how far the answers are from the truth. "
        "Auto takes the one that fits the task and the last layer.",
    )  # fmt: skip


def device_field(devices: Sequence[str]) -> Field:
    return Field(
        "device", "choice", "Device", "auto", choices=("auto", *devices),
        help="Where the numbers are crunched. Auto takes a graphics card when there is one.",
    )  # fmt: skip


def stopping_fields(monitors: Sequence[str]) -> tuple[Field, ...]:
    default = DEFAULTS.early_stopping
    return (
        Field(
            "enabled", "bool", "Stop early", default.enabled,
            help="End the run when it no longer gets better. The weights of the best epoch are kept in any case.",
        ),
        Field(
            "monitor", "choice", "Watch", default.monitor, choices=tuple(monitors),
            help="The figure that has to get better.",
        ),
        Field(
            "patience", "int", "Patience", default.patience, minimum=1, unit="epochs",
            help="How many epochs without a better figure are waited for.",
        ),
        Field(
            "min_delta", "float", "At least by", default.min_delta, minimum=0.0,
            help="A smaller change than this does not count as better.",
        ),
    )  # fmt: skip


def rate_field(field: Field) -> Field:
    """The optimizer's own, in the words of a person."""
    return replace(
        field,
        title="Learning rate",
        help="How large each step is. Too large and the loss jumps; too small and it takes for ever. 0.001 suits Adam.",
    )


def monitor_title(name: str, titles: Mapping[str, str]) -> str:
    """A figure that is watched, for people. titles: of several outputs, the target of each."""
    part = "val. " if name.startswith("val_") else "training "  # as above the curves: the box is narrow
    of, metric = output_of(name.removeprefix("val_"), titles)
    return f"{of}: {part}{pretty(metric)}" if of else part + pretty(metric)
