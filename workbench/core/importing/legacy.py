"""What Keras 1 and 2 called layers and their arguments, as Keras 3 calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .config import mapping, sequence

CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "DepthwiseConvolution2D": "DepthwiseConv2D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "ThresholdedReLU": "ReLU",
    "TimeDistributedDense": "Dense",
    "SpatialDropout": "SpatialDropout1D",
    "Linear": "Identity",
    "Model": "Functional",
}

MERGES = {
    "sum": "Add",
    "add": "Add",
    "mul": "Multiply",
    "multiply": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "average": "Average",
    "max": "Maximum",
    "min": "Minimum",
    "dot": "Dot",
}

_COMMON = {
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "border_mode": "padding",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "gamma_init": "gamma_initializer",
    "beta_init": "beta_initializer",
    "batch_input_shape": "batch_shape",
    "p": "rate",
}
_AT = {
    ("Dense", "output_dim"): "units",
    ("LSTM", "output_dim"): "units",
    ("GRU", "output_dim"): "units",
    ("SimpleRNN", "output_dim"): "units",
    ("GaussianNoise", "sigma"): "stddev",
    ("Embedding", "init"): "embeddings_initializer",
    ("Embedding", "W_regularizer"): "embeddings_regularizer",
    ("Embedding", "W_constraint"): "embeddings_constraint",
    ("PReLU", "init"): "alpha_initializer",
    ("LeakyReLU", "alpha"): "negative_slope",
    ("UpSampling1D", "length"): "size",
    ("BatchNormalization", "gamma_regularizer"): "gamma_regularizer",
    ("BatchNormalization", "beta_regularizer"): "beta_regularizer",
    ("Embedding", "dropout"): "",
}


def modern(class_name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Class and arguments of a layer as Keras 3 names them; what needs no change comes back as it is."""
    kind = CLASSES.get(class_name, class_name)
    found: dict[str, Any] = {}
    for name, value in config.items():
        renamed = _AT.get((kind, name), _COMMON.get(name, name) if name not in _KEPT_AT.get(kind, ()) else name)
        if renamed and not (renamed in config and renamed != name):
            found[renamed] = value
    if "nb_row" in config:
        found["kernel_size"] = [config["nb_row"], config.get("nb_col", config["nb_row"])]
        del found["nb_row"]
        found.pop("nb_col", None)
    if "kernel_dim1" in config:
        found["kernel_size"] = [found.pop(f"kernel_dim{i}", 1) for i in (1, 2, 3)]
    if "dim_ordering" in found:
        order = found.pop("dim_ordering")
        found["data_format"] = {"th": "channels_first", "tf": "channels_last"}.get(str(order))
    if class_name == "CuDNNGRU":
        found["reset_after"] = True
    elif kind == "GRU" and "reset_after" not in found:
        found["reset_after"] = False  # what Keras 1 and 2.0 computed
    if class_name.startswith("CuDNN"):
        found.setdefault("recurrent_activation", "sigmoid")
    if class_name == "ThresholdedReLU":
        found["threshold"] = found.pop("theta", 1.0)
    if class_name == "Merge":
        kind = MERGES.get(str(config.get("mode")), "Merge")
        found = {"name": config.get("name")}
        if kind == "Concatenate":
            found["axis"] = config.get("concat_axis", -1)
        elif kind == "Dot":
            found["axes"] = config.get("dot_axes", -1)
    if kind == "BatchNormalization" and isinstance(found.get("axis"), list) and len(found["axis"]) == 1:
        found["axis"] = found["axis"][0]
    if kind == "ReLU" and found.get("negative_slope") is None:
        found.pop("negative_slope", None)
    return kind, found


_KEPT_AT = {"LSTM": ("stride",), "ReLU": (), "Activation": ()}


def initializer(name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An initializer of Keras 1 or 2 as Keras 3 has it."""
    found = dict(config)
    name = {"OrthogonalInitializer": "Orthogonal", "IdentityInitializer": "Identity"}.get(name, name)
    if name == "VarianceScaling" and found.get("distribution") == "normal":
        found["distribution"] = "truncated_normal"
    found.pop("dtype", None)
    return name, found


def regularizer(value: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A regularizer or constraint of Keras 1: {"name": ..., settings beside it}."""
    settings = {k: v for k, v in value.items() if k != "name"}
    if "m" in settings:
        settings["max_value"] = settings.pop("m")
    name = str(value.get("name", ""))
    return {"WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2"}.get(name, name), settings


def sequential_layers(config: Any) -> list[Any]:
    """The layers of a Sequential: a list in Keras 1 and 2, named since."""
    return sequence(config) if isinstance(config, list) else sequence(mapping(config).get("layers"))
