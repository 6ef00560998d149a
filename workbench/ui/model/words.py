"""Other names people use for layers, and the order in which a search finds them. Plain data and one function."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.core.catalog import Catalog, LayerEntry
from workbench.ui.editors import fold_text
from workbench.ui.model.library import Piece

SYNONYMS: dict[str, tuple[str, ...]] = {
    "Dense": ("fully connected", "linear", "fc", "mlp", "neurons", "hidden layer", "perceptron", "inner product"),
    "Activation": ("nonlinearity", "relu", "sigmoid", "tanh", "gelu", "swish", "transfer function"),
    "ReLU": ("rectifier", "rectified linear"),
    "Softmax": ("probabilities",),
    "Embedding": ("lookup table", "word vectors"),
    "Identity": ("linear", "passthrough", "no op"),
    "Conv1D": ("convolution", "temporal convolution", "cnn"),
    "Conv2D": ("convolution", "cnn", "filter", "kernel"),
    "Conv3D": ("convolution", "volumetric"),
    "Conv1DTranspose": ("deconvolution", "upconvolution"),
    "Conv2DTranspose": ("deconvolution", "upconvolution", "fractionally strided"),
    "Conv3DTranspose": ("deconvolution",),
    "DepthwiseConv2D": ("mobilenet", "grouped convolution"),
    "SeparableConv2D": ("xception", "depthwise separable"),
    "MaxPooling1D": ("max pool", "downsample", "subsample"),
    "MaxPooling2D": ("max pool", "downsample", "subsample", "shrink"),
    "MaxPooling3D": ("max pool",),
    "AveragePooling1D": ("mean pool", "avg pool"),
    "AveragePooling2D": ("mean pool", "avg pool", "downsample"),
    "GlobalAveragePooling1D": ("gap", "mean over time"),
    "GlobalAveragePooling2D": ("gap", "global pool", "global avg pool"),
    "GlobalMaxPooling2D": ("global max pool",),
    "Flatten": ("vector", "unroll", "to dense", "reshape"),
    "Reshape": ("view", "change shape"),
    "Permute": ("transpose", "swap axes"),
    "RepeatVector": ("tile", "copy over time"),
    "UpSampling2D": ("upscale", "enlarge", "nearest"),
    "ZeroPadding2D": ("pad", "border", "margin"),
    "Cropping2D": ("crop", "cut border"),
    "Dropout": ("regularization", "overfitting", "randomly off", "drop units"),
    "SpatialDropout2D": ("drop channels",),
    "GaussianNoise": ("jitter", "add noise"),
    "ActivityRegularization": ("l1", "l2", "penalty", "sparse"),
    "BatchNormalization": ("batch norm", "bn", "batchnorm", "normalise"),
    "LayerNormalization": ("layer norm", "ln", "normalise"),
    "GroupNormalization": ("group norm", "instance norm"),
    "UnitNormalization": ("l2 normalise", "unit length"),
    "Normalization": ("standardise", "z score", "scale"),
    "Rescaling": ("scale", "divide by 255", "0..1"),
    "Resizing": ("resize", "scale picture"),
    "RandomFlip": ("augmentation", "mirror"),
    "RandomRotation": ("augmentation", "rotate"),
    "RandomZoom": ("augmentation",),
    "RandomTranslation": ("augmentation", "shift"),
    "RandomContrast": ("augmentation",),
    "RandomBrightness": ("augmentation",),
    "RandomCrop": ("augmentation",),
    "LSTM": ("recurrent", "sequence", "memory", "long short term", "rnn"),
    "GRU": ("recurrent", "sequence", "gated", "rnn"),
    "SimpleRNN": ("recurrent", "elman", "sequence"),
    "MultiHeadAttention": ("transformer", "self attention", "mha"),
    "Attention": ("dot product attention", "luong"),
    "AdditiveAttention": ("bahdanau",),
    "Add": ("skip", "residual", "shortcut", "sum", "plus", "merge"),
    "Concatenate": ("join", "merge", "stack", "concat", "cat", "skip"),
    "Multiply": ("gate", "product", "elementwise", "merge"),
    "Average": ("mean", "ensemble", "merge"),
    "Maximum": ("merge", "max of"),
    "Subtract": ("difference", "minus", "merge"),
    "Dot": ("similarity", "cosine", "inner product"),
    "Input": ("data", "source", "start"),
    "Output": ("target", "answer", "end", "result"),
    "LeakyReLU": ("leaky",),
    "PReLU": ("parametric relu",),
    "Masking": ("padding", "skip timesteps"),
}

_ENDS_FIRST = ("Input", "Output")


# The ones most models are made of stand first in their group.
_COMMON = (
    "Dense", "Activation", "Embedding", "Conv2D", "Conv1D", "SeparableConv2D", "DepthwiseConv2D", "Conv2DTranspose",
    "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "MaxPooling1D",
    "AveragePooling1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "Dropout", "SpatialDropout2D",
    "GaussianNoise", "Flatten", "Reshape", "Add", "Concatenate", "Multiply", "BatchNormalization",
    "LayerNormalization", "GroupNormalization", "LSTM", "GRU", "SimpleRNN", "MultiHeadAttention", "ReLU", "Softmax",
    "LeakyReLU", "Rescaling", "Resizing", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
)  # fmt: skip


def entries(catalog: Catalog) -> list[LayerEntry]:
    """Everything the palette can offer: the two ends, then the layers, in each group the common ones first."""
    ends = [entry for kind in _ENDS_FIRST if (entry := catalog.layer(kind)) is not None]
    places = {kind: place for place, kind in enumerate(_COMMON)}
    return [*ends, *sorted(catalog.layers.values(), key=lambda entry: places.get(entry.name, len(places)))]


def find_layers(catalog: Catalog, text: str, recent: Iterable[str] = ()) -> list[LayerEntry]:
    """Layers that answer to `text`, the best first: beginnings of names, then parts, then other names, then groups.

    Words may come in any order; layers that cannot be used come last, so that a person learns why.
    """
    wanted = fold_text(text)
    if not wanted:
        return []
    used = {kind: place for place, kind in enumerate(recent)}
    scored = []
    for place, entry in enumerate(entries(catalog)):
        score = _score(entry, wanted, text)
        if score:
            scored.append((not entry.usable, score, used.get(entry.name, 99), len(entry.name), place, entry))
    scored.sort(key=lambda found: found[:-1])
    return [found[-1] for found in scored]


def find_pieces(pieces: Iterable[Piece], text: str) -> list[Piece]:
    """Ready-made pieces that answer to `text`: all of its words are in what they are called or told to be."""
    parts = [fold_text(part) for part in text.split() if fold_text(part)]
    if not parts or max(map(len, parts)) < 3:
        return []
    return [p for p in pieces if all(part in fold_text(f"{p.title} {p.words}") for part in parts)]


def _score(entry: LayerEntry, wanted: str, text: str) -> int:
    """1 is best; 0 is no match."""
    name = fold_text(entry.name)
    words = [fold_text(word) for word in SYNONYMS.get(entry.name, ())]
    if name == wanted:
        return 1
    if name.startswith(wanted):
        return 2
    if wanted in words:
        return 3
    if wanted in name:
        return 4
    if any(word.startswith(wanted) for word in words):
        return 5
    if len(wanted) > 2 and any(wanted in word for word in words):
        return 6
    everything = " ".join([name, *words, fold_text(entry.group)])
    parts = [fold_text(part) for part in text.split()]
    if len(parts) > 1 and all(part in everything for part in parts):
        return 7
    if len(wanted) > 2 and fold_text(entry.group).startswith(wanted):
        return 8
    return 0
