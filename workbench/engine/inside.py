"""What a look inside a model needs: its layers with what they give at every place that they are called, and all of it
on one device."""

from __future__ import annotations

from typing import Any

import keras

from workbench.core import runs

from . import assemble
from .job import Job


def alone(job: Job, made: keras.Model | None = None) -> keras.Model:
    """The model of a run with its weights of this moment on one device: layers of one that is spread over several, or
    over machines, cannot be asked one by one. Nothing is asked of the other machines.

    made: what this gave before, to be used again.
    """
    if job.spread.one:
        return job.model
    if made is None:
        project, facts = runs.read_project(job.folder), runs.read_facts(job.folder)
        made = assemble.assemble(project.graph, facts, project.train, job.loss, job.metrics).model
    for mine, theirs in zip(made.variables, job.model.variables, strict=True):
        mine.assign(theirs.numpy())
    return made


def outputs_of(model: keras.Model) -> list[tuple[Any, list[Any]]]:
    """Each layer with the symbolic tensors it gives, in the order it is called; Inputs are left out. `layer.output`
    knows the first call alone."""
    inside = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    return [
        (layer, [tensor for node in layer._inbound_nodes if id(node) in inside for tensor in node.output_tensors])
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
