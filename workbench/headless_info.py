"""`workbench info` and `workbench check`: what is in a file, and what works on this machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.core import runs
from workbench.core.data import pipeline
from workbench.core.data.dataset import MAIN, TEST, VALIDATION, SeriesData, TableData, folders_of
from workbench.core.data.every_step import summary_of
from workbench.core.data.profile import ImageProfile, TableProfile, profile_images, profile_table
from workbench.core.data.series_profile import SeriesProfile, profile_series
from workbench.core.data.sources import load
from workbench.core.errors import WorkbenchError
from workbench.core.importing.kinds import is_model
from workbench.core.reconstruction import TASK
from workbench.core.storage import ProjectFolder
from workbench.headless import Say, open_engine, write_json
from workbench.headless_answers import find_card
from workbench.info_lines import check_lines, info_lines
from workbench.link import messages as m

QT_LIBRARIES = "apt-get install -y libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
PACKAGES = (
    "pyside6-essentials",
    "pyqtgraph",
    "numpy",
    "pandas",
    "tensorflow",
    "keras",
    "onnxruntime",
    "ai-edge-litert",
)


def info(text: str, as_json: bool, say: Say | None = None) -> None:
    """Print what the project, model file or data at `text` holds. Raises WorkbenchError."""
    path = Path(text).expanduser()
    if (path / "project.json").is_file():
        facts = _project(ProjectFolder(path))
    elif path.suffix in (".onnx", ".tflite") or is_model(path):
        with open_engine() as engine:
            model = engine.ask(m.InspectModel(str(path.absolute())), m.ModelDescribed)
        facts = {
            "kind": "model",
            "format": model.format,
            "parameters": model.parameters,
            "inputs": list(model.inputs),
            "outputs": list(model.outputs),
            "layers": [dict(zip(("name", "kind", "shape", "parameters"), row, strict=True)) for row in model.summary],
            "notes": list(model.notes),
            "card": find_card(path),
        }
    else:
        facts = _data(text, say)
    if as_json:
        print(write_json(facts))
        return
    for line in info_lines(text, facts):
        print(line)


def _project(folder: ProjectFolder) -> dict[str, Any]:
    project = folder.load()
    return {
        "kind": "project",
        "name": project.name,
        "data": f"{project.data.source} {project.data.path}" if project.data else "none yet",
        "task": project.features.task,
        "targets": [c.name for c in project.features.columns if c.role == "target" and project.features.task != TASK],
        "steps": [s.kind for s in project.recipe if s.enabled],
        "cleaning": [summary_of(s.kind, s.params) for s in project.recipe if s.enabled],
        "layers": [{"name": n.name, "kind": n.kind} for n in project.graph.nodes],
        "runs": [
            {
                "name": r.name,
                "state": r.state,
                "epochs": r.epochs_done,
                "best_epoch": r.best_epoch + 1,
                **dict(r.scores),
            }
            for r in runs.list_runs(folder.runs)
        ],
    }


def _data(text: str, say: Say | None) -> dict[str, Any]:
    dataset = load(pipeline.find_source(text), say)
    report = dataset.report
    facts: dict[str, Any] = {"kind": dataset.kind, "rows": len(dataset)}
    if report.options is not None:
        facts |= {"encoding": report.options.encoding, "delimiter": report.options.delimiter}
    facts["set_aside"] = [{"where": b.where, "what": b.what} for b in report.bad]
    facts["notes"] = list(report.notes)
    if isinstance(dataset, TableData):
        facts["columns"] = _columns(profile_table(dataset.frame, folders_of(dataset)))
    elif isinstance(dataset, SeriesData):
        facts |= _series(profile_series(dataset))
    else:
        facts |= _pictures(profile_images(dataset))
        names = {MAIN: "main", TEST: "test", VALIDATION: "validation"}
        facts["parts"] = {name: int((dataset.parts == part).sum()) for part, name in names.items()}
    return facts


def _columns(profile: TableProfile) -> list[dict[str, Any]]:
    return [
        {
            "name": c.name,
            "type": c.type,
            "missing": c.missing,
            "distinct": c.distinct,
            "minimum": c.minimum,
            "maximum": c.maximum,
            "mean": c.mean,
            "top": [{"value": str(v), "count": n} for v, n in c.top[:3]],
        }
        for c in profile.columns
    ]


def _series(profile: SeriesProfile) -> dict[str, Any]:
    return {
        "classes": dict(zip(profile.classes, profile.class_counts, strict=True)),
        "groups": len(profile.groups),
        "steps": profile.steps,
        "lengths": list(profile.lengths),
        "rate": profile.rates[1],
        "channels": [
            {"name": c.name, "missing": c.missing, "minimum": c.minimum, "maximum": c.maximum, "mean": c.mean}
            for c in profile.channels
        ],
    }


def _pictures(profile: ImageProfile) -> dict[str, Any]:
    return {
        "classes": dict(zip(profile.classes, map(int, profile.class_counts), strict=True)),
        "sizes": [{"height": int(h), "width": int(w), "count": int(n)} for (h, w), n in profile.sizes[:10]],
    }


def check(as_json: bool) -> int:
    """Print what works. Returns 0 when everything needed does, else 2."""
    facts: dict[str, Any] = {
        "workbench": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "window": _window(),
        "screen": os.environ.get("WAYLAND_DISPLAY")
        or os.environ.get("DISPLAY")
        or "none (commands and demo still work)",
    }
    try:
        with open_engine() as engine:
            ready = engine.ask(m.Warm(), m.Ready)
        facts["engine"] = f"ready in {ready.seconds:.1f} s"
        facts["devices"] = [{"name": d.name, "title": d.title, "memory": d.memory} for d in ready.devices]
        sound = facts["window"] == "works"
    except WorkbenchError as error:
        facts["engine"] = str(error)
        sound = False
    if as_json:
        print(write_json(facts))
    else:
        for line in check_lines(facts):
            print(line)
    return 0 if sound else 2


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _window() -> str:
    """Whether Qt loads, tried in a process of its own: a missing library is an import error there."""
    done = subprocess.run(
        [sys.executable, "-c", "from PySide6.QtWidgets import QApplication; QApplication([])"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return "works"
    last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f"status {done.returncode}")
    return f"Qt does not load ({last}). On Debian and Ubuntu: {QT_LIBRARIES}"
