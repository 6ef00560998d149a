"""Scores of a run on its held-out rows or on another file, beside what answering without a model would score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core import metrics, runs, settings
from workbench.core.data import pipeline
from workbench.core.data.dataset import TEST, ImageData, SeriesData, TableData
from workbench.core.data.external import prepare_external
from workbench.core.data.prepared import Prepared, absent_targets
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.replay import replay
from workbench.core.data.sequence_answers import last_value_error, only_series
from workbench.core.data.sources import load
from workbench.core.data.targets import each_target, own_answers
from workbench.core.errors import ProjectError
from workbench.core.facts import TargetFacts
from workbench.core.figure_names import of_output
from workbench.core.project import Project
from workbench.core.reconstruction import rebuilds
from workbench.core.units import units_of
from workbench.headless_answers import check_kind, like
from workbench.headless_engine import Engine, Say
from workbench.headless_series import new_series
from workbench.link import messages as m


@dataclass(frozen=True, eq=False)
class TargetScores:
    """Of one of several targets. metrics: by their names without the output's; otherwise as in Scores."""

    target: str
    metrics: dict[str, float]
    model_units: dict[str, float]
    baseline: metrics.Baseline


@dataclass(frozen=True, eq=False)
class Scores:
    """metrics: "loss" as trained, then every metric by its Keras name; a regression's are in the person's units.
    model_units: those that were reckoned anew, as the model sees them. baseline: in the same units as metrics.
    notes: rows left out and the like. targets: of several, the scores of each whose truth is known; the baseline above
    is the first of them's, and there is no "loss" of all together where the truth of one is not known."""

    metrics: dict[str, float]
    model_units: dict[str, float]
    baseline: metrics.Baseline
    rows: int
    part: str
    notes: tuple[str, ...] = ()
    targets: tuple[TargetScores, ...] = ()


def evaluate(engine: Engine, folder: Path, data: str = "", say: Say | None = None, checkpoint: str = "best") -> Scores:
    """Scores of a run on its held-out rows, or on another file, beside the baseline of the training rows.

    Raises:
        WorkbenchError: the run, its data or the other file cannot be used.
    """
    trained_on = pipeline.restore(folder, settings.cache_folder(), say)
    preprocessor = trained_on.preprocessor
    if data:
        prepared, notes, absent = _external(preprocessor, runs.read_project(folder), data, say)
    else:
        prepared, notes, absent = trained_on, (), ()
    part = next((p for p in ("test", "validation", "train") if prepared.facts.rows.get(p)), "train")
    found = engine.ask(m.Evaluate(str(folder), part, str(prepared.folder), checkpoint), m.Evaluated)
    if rebuilds(preprocessor.target):
        kept = () if data else _keep(folder, part, found.metrics)
        return _of_rebuilt(trained_on, prepared, part, found, (*notes, *kept))
    truth = np.asarray(prepared.part(part).y)
    record = runs.read_run(folder)
    units = units_of(record, trained_on.facts)
    told = {name: value / units.factor(name) for name, value in found.metrics.items()}
    names = {target: output for output, target in record.outputs.items()}
    learnt, y = np.asarray(trained_on.part("train").y), np.asarray(found.y)
    every = tuple(s for s in _each(preprocessor, names, told, learnt, truth, y) if s.target not in absent)
    scores, original, baseline = every[0].metrics, every[0].model_units, every[0].baseline
    several = bool(preprocessor.more)
    if several:
        own = {f"{names[s.target]}_{k}": v for s in every for k, v in s.metrics.items()}
        shared = {k: v for k, v in told.items() if not of_output(k, names.values())[0]}
        scores = {**({} if absent else shared), **own}  # what is summed over all targets includes the absent ones
        original = {f"{names[s.target]}_{k}": v for s in every for k, v in s.model_units.items()}
    if preprocessor.sequence is not None:
        naive = last_value_error(preprocessor, prepared.part(part).x[preprocessor.inputs[0].name], truth)
        if naive is not None:
            notes = (*notes, f"Saying the last known value again would be off by {naive:.4g} on average.")
    if not data:
        notes = (*notes, *_keep(folder, part, found.metrics))
    return Scores(scores, original, baseline, len(truth), part, notes, every if several else ())


def _keep(folder: Path, part: str, found: Mapping[str, float]) -> tuple[str, ...]:
    """The scores into the run's record, as the engine tells them, like every score of it: shown side by side, they must
    be in the same units. Why not, where that fails."""
    scored = {**runs.read_run(folder).scores, **{f"{part}.{name}": value for name, value in found.items()}}
    try:
        runs.update_run(folder, scores=scored)
    except ProjectError as error:
        return (f"The scores are not kept with the run: {error.what}",)
    return ()


def _of_rebuilt(
    trained_on: Prepared, prepared: Prepared, part: str, found: m.Evaluated, notes: tuple[str, ...]
) -> Scores:
    """Scores of an autoencoder, in the numbers the model sees: what was trained, and how the errors of rows lie."""
    target = trained_on.preprocessor.target
    assert target is not None
    info = next(i for i in trained_on.facts.inputs if i.name == target.name)
    errors = np.asarray(found.y, np.float64).reshape(-1)
    known = errors[np.isfinite(errors)]
    values = {"mean_squared_error": float(known.mean()) if len(known) else float("nan")}
    if len(known):
        values |= {"median_error": float(np.median(known)), "error_95_percent": float(np.quantile(known, 0.95))}
        values |= {"largest_error": float(known.max())}
    base = metrics.rebuilding_baseline(info, trained_on.part("train").x[info.name], prepared.part(part).x[info.name])
    if len(known) < len(errors):
        broken = f"{len(errors) - len(known):,} rows are answered with something that is not a number."
        notes = (*notes, broken)
    return Scores({**found.metrics, **values}, {}, base, len(errors), part, notes)


def _each(
    preprocessor: Preprocessor, names: dict[str, str], told: dict[str, float], train: Any, truth: Any, y: Any
) -> tuple[TargetScores, ...]:
    """The scores of each target by its own answers. names: {target: its output}. told: the engine's, as the model sees
    them. train, truth: prepared targets."""
    made = []
    parts = zip(preprocessor.truths(train), preprocessor.truths(truth), own_answers(preprocessor, y), strict=True)
    for one, (known, own_truth, own_y) in zip(each_target(preprocessor), parts, strict=True):
        target = one.target
        assert target is not None  # each_target gives them
        output = names.get(target.name, "")
        found = {metric: v for k, v in told.items() for of, metric in [of_output(k, names.values())] if of == output}
        scores, original = _in_units(one, target, found, own_truth, own_y)
        made.append(TargetScores(target.name, scores, original, metrics.baseline(target, known, own_truth)))
    return tuple(made)


def _external(
    preprocessor: Preprocessor, project: Project, data: str, say: Say | None
) -> tuple[Prepared, tuple[str, ...], tuple[str, ...]]:
    """Also the notes, and the targets that the data lacks."""
    if preprocessor.sequence is not None:
        series = new_series(preprocessor, data, project.data)
        kept = np.flatnonzero(series.parts == TEST)
        said: tuple[str, ...] = ()
        if 0 < len(kept) < len(series):
            said = (f"Scored on the test part that the data brings along, {len(kept):,} of {len(series):,} series.",)
            series = only_series(series, kept)
        prepared = prepare_external(preprocessor, series, settings.cache_folder(), say)
        return prepared, (*said, *prepared.notes), ()
    dataset = load(like(project.data, pipeline.find_source(data)), say)
    check_kind(preprocessor, dataset, data)
    notes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    assert not isinstance(dataset, SeriesData)
    own = np.asarray(dataset.parts) == TEST
    if own.any() and not own.all():
        notes = (f"Scored on the test part that the data brings along, {own.sum():,} of {len(own):,}.",)
        dataset = _only(dataset, own)
    if isinstance(dataset, ImageData):
        prepared = prepare_external(preprocessor, dataset, settings.cache_folder(), say)
    else:
        cleaned = replay(preprocessor, dataset, every_row=False)
        notes += cleaned.notes
        absent = absent_targets(preprocessor, cleaned)
        prepared = prepare_external(preprocessor, cleaned, settings.cache_folder(), say)
    return prepared, (*notes, *prepared.notes), absent


def _only(dataset: TableData | ImageData, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> TableData | ImageData:
    """Those rows or pictures alone."""
    report = replace(dataset.report, fingerprint="")
    if isinstance(dataset, TableData):
        return replace(dataset, frame=dataset.frame[rows], parts=dataset.parts[rows], report=report)
    places = np.flatnonzero(rows)
    return replace(
        dataset,
        labels=dataset.labels[rows],
        parts=dataset.parts[rows],
        array=None if dataset.array is None else dataset.array[rows],
        files=[dataset.files[i] for i in places] if dataset.files else (),
        names=[dataset.name(int(i)) for i in places],
        file_sizes=None if dataset.file_sizes is None else dataset.file_sizes[rows],
        file_channels=None if dataset.file_channels is None else dataset.file_channels[rows],
        report=report,
    )


def _in_units(
    preprocessor: Preprocessor, target: TargetFacts, found: dict[str, float], truth: Any, y: Any
) -> tuple[dict[str, float], dict[str, float]]:
    """A regression's metrics in the person's units, and as the model sees them. found: the latter."""
    if target.task != "regression":
        return found, {}
    errors = metrics.regression_errors(preprocessor.unscale(truth), preprocessor.unscale(y))
    own = {
        "mean_absolute_error": errors.mae,
        "root_mean_squared_error": errors.rmse,
        "mean_squared_error": errors.rmse**2,
        "r2_score": errors.r2,
    }
    shown = {k: own.get(k, v) for k, v in found.items()}
    return {**shown, **own}, {k: v for k, v in found.items() if k in own}
