"""The layers of a built model with what they give, at every place that they are called."""

from __future__ import annotations

from typing import Any

import keras


def outputs_of(model: keras.Model) -> list[tuple[Any, list[Any]]]:
    """Each layer with the symbolic tensors it gives, in the order it is called; Inputs are left out. `layer.output`
    knows the first call alone."""
    inside = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    return [
        (layer, [tensor for node in layer._inbound_nodes if id(node) in inside for tensor in node.output_tensors])
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
