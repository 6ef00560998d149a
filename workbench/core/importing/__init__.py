"""Model files of Keras as graphs of the canvas: read as data, never deserialised.

config.py    bounded JSON, and Keras' own wrappings of values
legacy.py    names and arguments of Keras 1 and 2
values.py    arguments of a layer as the params of a node
layers.py    one layer as one or several blocks
network.py   read_model(config) -> ImportedModel: sequential, functional and nested models
stored.py    where a layer's weights are in a file
"""

from .network import ImportedModel, LayerSource, read_model

__all__ = ["ImportedModel", "LayerSource", "read_model"]
