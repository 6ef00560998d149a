"""The lines of a Keras script that say how a network is trained: losses, metrics, callbacks, and what is told after."""

from __future__ import annotations

from collections.abc import Sequence

from . import monitors
from .catalog import Catalog
from .class_metrics import by_model
from .facts import DataFacts
from .objectives import metric_settings
from .outputs import loss_weight
from .project import EarlyStopping, TrainSpec
from .script_outputs import End, by_output, weighs
from .script_words import WIDTH, arguments, number, quoted, wrapped


def error_lines(facts: DataFacts) -> list[str]:
    """How far off each test row is, the worst of them told."""
    assert facts.target is not None
    axes = len(facts.target.shape)
    axis = "1" if axes == 1 else str(tuple(range(1, axes + 1)))
    return [
        "    # How far off each row is: what is rebuilt badly is unlike the rest.",
        "    wrong = model.predict(x_test) - y_test",
        f"    errors = np.mean(np.square(wrong), axis={axis})",
        "    for row in np.argsort(-errors)[:10]:",
        '        print(f"test row {row}: error {errors[row]:.4g}")',
    ]


def one_output(end: End, catalog: Catalog) -> list[str]:
    """Loss and metrics of a network with one answer."""
    lines = [f"        loss={_loss(end, catalog)},"]
    if len(lines[0]) > WIDTH:
        entry = catalog.losses[end.loss]
        words = arguments(entry, end.train.loss_params, catalog)
        lines = wrapped("loss=", f"keras.losses.{entry.keras}(", words, "),", 8)
    return lines + wrapped("metrics=", "[", [_metric(m, end, catalog) for m in end.metrics], "],", 8)


def several_outputs(found: Sequence[End], catalog: Catalog) -> list[str]:
    """Losses and metrics by output."""
    lines = by_output("loss", found, lambda end: _loss(end, catalog))
    if weighs(found):
        lines += by_output("loss_weights", found, lambda end: number(loss_weight(end.node)))

    def metrics(end: End) -> str:
        return f"[{', '.join(_metric(name, end, catalog) for name in end.metrics)}]"

    return lines + by_output("metrics", found, metrics)


def _loss(end: End, catalog: Catalog) -> str:
    entry = catalog.losses.get(end.loss)
    if entry is None or not end.train.loss_params:
        return quoted(end.loss)
    return f"keras.losses.{entry.keras}({', '.join(arguments(entry, end.train.loss_params, catalog))})"


def _metric(name: str, end: End, catalog: Catalog) -> str:
    entry, params = catalog.metrics.get(name), metric_settings(end.train, name, end.units)
    more = [f"{key}={value!r}" for key, value in by_model(name, end.units).items()]
    if entry is None or not (params or more or any(f.required for f in entry.fields)):
        return quoted(name)
    words = [*arguments(entry, params, catalog), *more, f"name={quoted(name)}"]
    return f"keras.metrics.{entry.keras}({', '.join(words)})"


def _watch(stopping: EarlyStopping, metrics: Sequence[str], validation: bool) -> list[str]:
    """The arguments of a callback that say what is watched."""
    watched, _ = monitors.watched(stopping, ("loss", *metrics), validation)
    if monitors.rises(watched):
        return [f"monitor={quoted(watched)}", 'mode="max"']
    known = watched in ("loss", "val_loss")  # Keras knows the way of its own names alone
    return [f"monitor={quoted(watched)}", *(() if known else ('mode="min"',))]


def callback_lines(train: TrainSpec, metrics: Sequence[str], validation: bool) -> list[str]:
    stopping, plateau = train.early_stopping, train.plateau
    watch, lines = _watch(stopping, metrics, validation), []
    if train.optimizer_params.get("use_ema"):
        lines += ["            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),"]
    lines += [
        "            keras.callbacks.ModelCheckpoint(",
        '                DATA.with_suffix(".best.weights.h5"),',
        *(f"                {word}," for word in watch),
        "                save_best_only=True,",
        "                save_weights_only=True,",
        "            ),",
    ]
    if stopping.enabled:
        words = [*watch, f"patience={int(stopping.patience)}"]
        words += [f"min_delta={number(stopping.min_delta)}"] if stopping.min_delta else []
        lines += wrapped("", "keras.callbacks.EarlyStopping(", words, "),", 12)
    if plateau.enabled:
        watch = _watch(EarlyStopping(True, plateau.monitor), metrics, validation) if plateau.monitor else watch
        words = [*watch, f"factor={number(plateau.factor)}", f"patience={int(plateau.patience)}"]
        words += [f"min_delta={number(plateau.min_delta)}"]
        words += [f"cooldown={int(plateau.cooldown)}"] if plateau.cooldown else []
        words += [f"min_lr={number(plateau.lowest)}"] if plateau.lowest else []
        lines += wrapped("", "keras.callbacks.ReduceLROnPlateau(", words, "),", 12)
    if train.tensorboard:
        lines += ['            keras.callbacks.TensorBoard(DATA.with_suffix(".tensorboard")),']
    return lines
