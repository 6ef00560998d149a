"""Trained models as files. Each is written beside its place, loaded again in the runtime it is for, compared on real
rows, and only then moved into place: a tick means that the file was seen to answer like the model."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from workbench.core import runs
from workbench.core.data.prepared import open_prepared
from workbench.core.errors import ExportError
from workbench.core.facts import DataFacts
from workbench.core.script import keras_script
from workbench.link.messages import Exported

from .. import own_graph, start_weights
from ..build import build_model
from ..devices import BUILDING
from .bundle import ANSWER, Bundle, make_bundle

Report = Callable[[float, float, str], None]

RUNTIMES = {
    "keras": "Keras in a fresh process",
    "savedmodel": "TensorFlow in a fresh process",
    "onnx": "onnxruntime",
    "litert": "ai-edge-litert",
    "python": "the script in a fresh process",
}
SUFFIXES = {"keras": ".keras", "savedmodel": "", "onnx": ".onnx", "litert": ".tflite", "python": ".py"}
TOLERANCE = 1e-3
"""Largest difference, relative to the largest answer (at least 1), that still counts as the same answer."""


def run_export(
    folder: str, format: str, out: str, progress: Report | None = None, checkpoint: str = "best"
) -> Exported:
    """Write the model of the run in `folder` to `out` and prove it.

    Args:
        format: a key of RUNTIMES.
        out: a file (.keras, .onnx, .tflite, .py) or, for "savedmodel", a folder. A file there is replaced only by a
            checked one.
        checkpoint: which weights: "best", "last" or the number of an epoch; see checkpoints.weights_file.

    Raises:
        ExportError: the format is unknown, the place cannot be written, the model has a part the format cannot hold,
            or the written file answers otherwise than the model. Nothing is left at `out` then but what was there.
    """
    say = progress or (lambda done, total, text: None)
    if format not in RUNTIMES:
        raise ExportError(f'There is no format "{format}".', remedy=f"Choose one of: {', '.join(RUNTIMES)}.")
    target = Path(out).expanduser().absolute()
    try:
        _check_place(target, format)
    except OSError as error:  # such as a name that is too long
        raise _unwritten(target, error) from error
    say(0, 4, "Putting the preprocessing in front of the model")
    bundle = make_bundle(Path(folder), checkpoint)
    with _Staging(target) as staging:
        draft = staging / target.name
        say(1, 4, "Writing")
        try:
            beside = _write(bundle, format, draft)
        except OSError as error:
            raise _unwritten(target, error) from error
        say(2, 4, f"Loading it again: {RUNTIMES[format]}")
        found = _answers(bundle, format, draft)
        expected = bundle.network_expected if format == "python" else bundle.expected
        difference = _compare(found, expected, target, [o.units for o in bundle.outputs])
        say(3, 4, "Moving it into place")
        try:
            files = _move(staging, target)
        except OSError as error:
            raise _unwritten(target, error) from error
    say(4, 4, "Done")
    return Exported(
        path=str(target),
        format=format,
        size=sum(f.stat().st_size for f in _all_files(files)),
        runtime=RUNTIMES[format],
        samples=len(expected),
        difference=difference,
        files=tuple(str(f) for f in files),
        notes=beside,
    )


def _unwritten(target: Path, error: OSError) -> ExportError:
    return ExportError(
        f"The file cannot be written ({error.strerror or error}).",
        where=str(target),
        remedy="Choose another name or folder, or free some space; nothing that was there has been changed.",
    )


def _check_place(target: Path, format: str) -> None:
    if format == "savedmodel":
        if target.exists() and not target.is_dir():
            raise ExportError(
                "A SavedModel is a folder, and this is a file.", where=str(target), remedy="Name a folder."
            )
        if target.is_dir() and any(target.iterdir()) and not (target / "saved_model.pb").is_file():
            raise ExportError(
                "This folder holds other files.",
                where=str(target),
                remedy="Name a new folder, so that nothing is lost.",
            )
    elif target.is_dir():
        raise ExportError("This is a folder.", where=str(target), remedy="Name a file in it.")
    elif target.suffix != SUFFIXES[format]:
        name = target.with_suffix(SUFFIXES[format]).name
        raise ExportError(f"This format is named {SUFFIXES[format]}.", where=target.name, remedy=f"Name it {name}.")


class _Staging:
    """A temporary folder beside the target, on the same disk, gone afterwards whatever happens."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> Path:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix=".export-", dir=self._target.parent))
        except OSError as error:
            raise ExportError(
                f"The place cannot be written ({error.strerror or error}).",
                where=str(self._target.parent),
                remedy="Choose another folder.",
            ) from error
        return self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _write(bundle: Bundle, format: str, draft: Path) -> tuple[str, ...]:
    """Write the file, what belongs beside it, and say in words what travels where."""
    from . import litert, onnx_file, series_front

    inside = "Scaling, encoding and missing values are inside; class names and input names are in the JSON beside it."
    if format == "python":
        return _write_script(bundle, draft)
    if format == "keras":
        bundle.model.save(draft)
        own_graph.embed(draft, bundle.project.graph)
    elif format == "savedmodel":
        bundle.model.export(draft, format="tf_saved_model", verbose=False)
    else:
        between = draft.parent / "saved_model"
        more = series_front.one_at_a_time(bundle.model) if format == "litert" else {}
        bundle.model.export(between, format="tf_saved_model", verbose=False, **more)
        if format == "onnx":
            onnx_file.write(between, draft, tuple(i.name for i in bundle.inputs), bundle.names or (ANSWER,))
        else:
            litert.write(between, draft)
        shutil.rmtree(between)
    card = draft / "workbench.json" if format == "savedmodel" else draft.with_name(draft.name + ".json")
    card.write_text(json.dumps(bundle.card(format), indent=1, ensure_ascii=False) + "\n", "utf-8")
    said = (inside, _told(bundle)) if bundle.names else (inside,)
    beside = [f'"{i.column}"' for i in bundle.inputs if i.kind in ("encoded", "tokens")]
    if not beside:
        return said
    names = ", ".join(beside)
    what = "This column is" if len(beside) == 1 else "These columns are"
    return (*said, f"{what} not encoded inside, but taken as numbers made beforehand, as the JSON says: {names}.")


def _told(bundle: Bundle) -> str:
    """Which output answers what."""
    named = ", ".join(f'{o.name} ("{o.target.name}")' for o in bundle.outputs)
    return f"It has {len(bundle.outputs)} outputs: {named}."


def _write_script(bundle: Bundle, draft: Path) -> tuple[str, ...]:
    """The script, the trained weights and the prepared arrays it trains on."""
    facts = runs.read_facts(bundle.folder)
    draft.write_text(keras_script(bundle.project, facts), "utf-8")
    bundle.network.save_weights(draft.with_name(draft.stem + ".weights.h5"))
    prepared = open_prepared(Path(runs.read_run(bundle.folder).prepared))
    arrays: dict[str, np.ndarray] = {}
    for part, count in facts.rows.items():
        if count:
            given = prepared.part(part)
            arrays |= {f"{part}_{name}": np.asarray(x) for name, x in given.x.items()}
            if given.y is not None:
                arrays[f"{part}_y"] = np.asarray(given.y)
            if given.weights is not None:
                arrays[f"{part}_weights"] = np.asarray(given.weights)
    np.savez_compressed(draft.with_name(draft.stem + ".npz"), **arrays)  # type: ignore[arg-type]
    _write_start(bundle, facts, draft)
    card = draft.with_name(draft.name + ".json")
    card.write_text(json.dumps(bundle.card("python"), indent=1, ensure_ascii=False) + "\n", "utf-8")
    text = (
        "The script rebuilds and retrains the network from the .npz beside it; the trained weights are in .weights.h5."
    )
    named = ", ".join(f'{o.node} ("{o.target.name}")' for o in bundle.outputs)
    return (text, f"It has {len(bundle.outputs)} outputs: {named}.") if bundle.nodes else (text,)


def _write_start(bundle: Bundle, facts: DataFacts, draft: Path) -> None:
    """The weights some layers start from, as the script wants them: "<layer>.<number>"."""
    graph = bundle.project.graph
    starting = [n.name for n in graph.nodes if n.weights is not None]
    if not starting:
        return
    with BUILDING:
        model = build_model(graph, facts, bundle.project.train.seed)
        start_weights.put(model, graph, start_weights.places(bundle.folder))
    there = {layer.name: layer for layer in model.layers}
    arrays = {
        f"{name}.{i}": array for name in starting if name in there for i, array in enumerate(there[name].get_weights())
    }
    np.savez(draft.with_name(draft.stem + ".start.npz"), **arrays)


def _answers(bundle: Bundle, format: str, draft: Path) -> np.ndarray:
    from . import fresh, litert, onnx_file

    if format == "keras":
        return fresh.answers(fresh.KERAS, draft, bundle.samples, bundle.names)
    if format == "savedmodel":
        return fresh.answers(fresh.SAVEDMODEL, draft, bundle.samples, bundle.names)
    if format == "onnx":
        return onnx_file.answers(draft, bundle.samples, bundle.names)
    if format == "litert":
        return litert.answers(draft, bundle.samples, bundle.names)
    return fresh.answers(fresh.SCRIPT, draft, bundle.network_samples, bundle.nodes)


def _compare(found: np.ndarray, expected: np.ndarray, target: Path, widths: Sequence[int] = ()) -> float:
    """Largest absolute difference. Raises ExportError when it is more than rounding.

    widths: of several outputs, how many numbers each has: prices must not hide what is wrong with probabilities.
    """
    if found.shape != expected.shape:
        raise ExportError(
            f"The written file answers with shape {found.shape}, the model with {expected.shape}; it was not kept.",
            where=str(target),
            remedy="Choose another format for this model.",
        )
    if len(widths) > 1:
        places = np.cumsum(widths)[:-1]
        pairs = zip(np.split(found, places, axis=1), np.split(expected, places, axis=1), strict=True)
        return max(_compare(a, b, target) for a, b in pairs)
    difference = float(np.max(np.abs(found - expected), initial=0.0))
    limit = TOLERANCE * max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    if not difference <= limit:
        raise ExportError(
            f"The written file answers otherwise than the model (by up to {difference:.3g}); it was not kept.",
            where=str(target),
            remedy="Choose another format for this model.",
        )
    return difference


def _move(staging: Path, target: Path) -> list[Path]:
    """Everything in `staging` into the target's folder; the old files go only now."""
    moved = []
    for item in sorted(staging.iterdir()):
        place = target.parent / item.name
        if place.is_dir():
            old = staging.parent / f"{staging.name}.old"
            os.replace(place, old)
            os.replace(item, place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(item, place)
        moved.append(place)
    return moved


def _all_files(paths: list[Path]) -> list[Path]:
    return [f for p in paths for f in ([p] if p.is_file() else [q for q in p.rglob("*") if q.is_file()])]
