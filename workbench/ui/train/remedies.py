"""What can be pressed after a run failed: each an ordinary undoable change of the settings or the model, or a place to
look at. Without Qt."""

from __future__ import annotations

import re

from workbench.core import edits, edits_graph
from workbench.core.catalog import Catalog
from workbench.core.errors import OutOfMemory, WorkbenchError
from workbench.core.facts import GraphFacts
from workbench.core.project import Graph, Node, Project, TrainSpec
from workbench.link.messages import RunEnded
from workbench.link.transport import KILLED
from workbench.ui.train.findings import Remedy, calmer

CLIP = 1.0
SIZES = ("units", "filters")
HALF = "mixed_bfloat16"


def remedies_for(
    ended: RunEnded | None,
    project: Project,
    catalog: Catalog,
    error: WorkbenchError | None = None,
    facts: GraphFacts | None = None,
    device: str = "",
    mode: str = "",
) -> tuple[Remedy, ...]:
    """For the cause a run ended with, or for what was said where it never began or the engine is gone; those that are
    taken already are not offered. facts: of the model as it stands. device, mode: on what it was computed, and how."""
    train, where = project.train, (ended.where if ended is not None else error.where if error is not None else "")
    if short := short_of_memory(ended, error):
        return _smaller(project, where, facts, of_weights=short == "weights")
    if ended is None or ended.reason != "failed":
        return ()
    if ended.cause == "nan":
        return _calmer(ended, train, catalog)
    if ended.cause == "data":
        return (Remedy("Look at the data", action="page:data"),)
    if ended.cause == "crash":
        return _elsewhere(project, where, device, mode)
    return ()


def short_of_memory(ended: RunEnded | None, error: WorkbenchError | None) -> str:
    """What the memory was not enough for: "memory" (a batch, as far as is known), "weights" of a layer; "" where that
    is not what happened."""
    if ended is not None:
        return ended.cause if ended.reason == "failed" and ended.cause in ("memory", "weights") else ""
    if isinstance(error, OutOfMemory):
        return "weights" if error.of_weights else "memory"
    return "memory" if error is not None and KILLED in error.what else ""


def resumed_smaller(ended: RunEnded | None, error: WorkbenchError | None, batch_size: int) -> int:
    """The batch size with which a run that was short of memory may go on from its checkpoint; 0 where smaller batches
    would not help. batch_size: the one it had; 0 where that is not known."""
    return batch_size // 2 if short_of_memory(ended, error) == "memory" else 0


def _named(graph: Graph, where: str) -> Node | None:
    """The block of the layer that a place names; several may be named, the innermost last."""
    words = re.findall(r"[\w.\-]+", where)
    return next((n for word in reversed(words) for n in graph.nodes if n.name == word), None)


def _smaller(project: Project, where: str, facts: GraphFacts | None, *, of_weights: bool) -> tuple[Remedy, ...]:
    """of_weights: smaller batches would not help."""
    train, graph = project.train, project.graph
    found = []
    if (half := train.batch_size // 2) and not of_weights:
        found.append(Remedy(f"Batch size {half}", edits.set_train(batch_size=half)))
    large = _named(graph, where) or _largest(graph, facts)
    size = next((s for s in SIZES if large is not None and isinstance(large.params.get(s), int)), "")
    ends = {w.source for w in graph.wires for n in graph.nodes if n.id == w.target and n.kind == "Output"}
    if large is not None and size and large.id not in ends and large.params[size] > 1:
        fewer = large.params[size] // 2
        edit = edits_graph.set_params((large.id,), size, fewer)
        found.append(Remedy(f"{large.name}: {fewer:,} {size}", edit))
    if train.batch_size == 1 and train.precision == "float32":
        found.append(Remedy("Half-sized numbers in the layers", edits.set_train(precision=HALF)))
    return tuple(found)


def _largest(graph: Graph, facts: GraphFacts | None) -> Node | None:
    """The block with the most weights, of those that may have fewer."""
    known = facts.nodes if facts is not None else {}
    able = [n for n in graph.nodes if n.id in known and any(isinstance(n.params.get(s), int) for s in SIZES)]
    return max(able, key=lambda n: known[n.id].parameters, default=None)


def _elsewhere(project: Project, where: str, device: str, mode: str) -> tuple[Remedy, ...]:
    """After a crash inside TensorFlow: compute it another way, and look at where it was."""
    train = project.train
    found = []
    if "XLA" in mode and train.compiler != "off":
        found.append(Remedy("Train without XLA", edits.set_train(compiler="off")))
    if device.startswith("gpu") and train.device != "cpu":
        found.append(Remedy("Train on the processor", edits.set_train(device="cpu")))
    block = _named(project.graph, where)
    if block is not None:
        found.append(Remedy(f"Show {block.name}", action=f"show:{block.id}"))
    return (*found, Remedy("Look at the data", action="page:data"))


def _calmer(ended: RunEnded, train: TrainSpec, catalog: Catalog) -> tuple[Remedy, ...]:
    found = []
    if train.precision == "mixed_float16":  # which knows no number above 65,504
        found.append(Remedy("Full-sized numbers in the layers", edits.set_train(precision="float32")))
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
