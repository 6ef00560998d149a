"""The networks of keras.applications as places to start from: what they are, what pictures they take, where weights of
theirs may lie on this machine. Nothing is ever downloaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import GraphError
from .facts import DataFacts, InputFacts

_ORDERED = "{}_weights_tf_dim_ordering_tf_kernels_notop.h5"
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of pictures from 0 to 1, red, green, blue
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
CAFFE_MEAN = (123.68, 116.779, 103.939)  # of pictures from 0 to 255


@dataclass(frozen=True)
class Network:
    """name: on the command line. keras: its function in keras.applications. parameters: without its own answer.

    pixels: what its first layer expects, "tf" (-1 to 1), "torch" (ImageNet's mean and deviation taken off), "caffe"
    (ImageNet's mean taken off, blue first) or "own" (0 to 255: it scales them itself). smallest: side of a picture in
    pixels. file: name under which Keras keeps its weights.
    """

    name: str
    keras: str
    title: str
    blurb: str
    parameters: int
    pixels: str
    file: str
    smallest: int = 32


_RESNET = "Short cuts around every few convolutions (He 2015): the network others are measured by."
_RESNET2 = "ResNet with its activations moved in front of the convolutions (He 2016)."
_DENSE = "Every layer sees all before it (Huang 2016): few parameters, much memory."
_MOBILE = "Made for telephones: separable convolutions, fast on a processor."
_EFFICIENT = "Depth, width and picture size grown together (Tan 2019): much accuracy for its size."
_EFFICIENT2 = "EfficientNet that trains faster (Tan 2021)."
_CONVNEXT = "Convolutions built like a transformer (Liu 2022): large and accurate."
_VGG = "Plain convolutions one behind the other (Simonyan 2014): easy to look into, large."
_INCEPTION = "Filters of several sizes side by side (Szegedy 2015)."
_NASNET = "A network that a search over networks found (Zoph 2017)."


def _row(kind: str, title: str, blurb: str, parameters: int, pixels: str, file: str, smallest: int = 32) -> Network:
    return Network(kind.lower(), kind, title, blurb, parameters, pixels, file, smallest)


NETWORKS: tuple[Network, ...] = (
    _row("MobileNetV2", "MobileNet V2", _MOBILE, 2_257_984, "tf",
         "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"),
    _row("MobileNetV3Small", "MobileNet V3 small", _MOBILE, 939_120, "own",
         "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5"),
    _row("MobileNetV3Large", "MobileNet V3 large", _MOBILE, 2_996_352, "own",
         "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5"),
    _row("MobileNet", "MobileNet", _MOBILE, 3_228_864, "tf", "mobilenet_1_0_224_tf_no_top.h5"),
    _row("ResNet50", "ResNet 50", _RESNET, 23_587_712, "caffe", _ORDERED.format("resnet50")),
    _row("ResNet101", "ResNet 101", _RESNET, 42_658_176, "caffe", _ORDERED.format("resnet101")),
    _row("ResNet152", "ResNet 152", _RESNET, 58_370_944, "caffe", _ORDERED.format("resnet152")),
    _row("ResNet50V2", "ResNet 50 V2", _RESNET2, 23_564_800, "tf", _ORDERED.format("resnet50v2")),
    _row("ResNet101V2", "ResNet 101 V2", _RESNET2, 42_626_560, "tf", _ORDERED.format("resnet101v2")),
    _row("ResNet152V2", "ResNet 152 V2", _RESNET2, 58_331_648, "tf", _ORDERED.format("resnet152v2")),
    *(
        _row(f"EfficientNetB{i}", f"EfficientNet B{i}", _EFFICIENT, count, "own", f"efficientnetb{i}_notop.h5")
        for i, count in enumerate(
            (4_049_571, 6_575_239, 7_768_569, 10_783_535, 17_673_823, 28_513_527, 40_960_143, 64_097_687)
        )
    ),
    *(
        _row(f"EfficientNetV2{s}", f"EfficientNet V2 {s}", _EFFICIENT2, n, "own",
             f"efficientnetv2-{s.lower()}_notop.h5")
        for s, n in (("B0", 5_919_312), ("B1", 6_931_124), ("B2", 8_769_374), ("B3", 12_930_622), ("S", 20_331_360),
                     ("M", 53_150_388), ("L", 117_746_848))
    ),
    _row("DenseNet121", "DenseNet 121", _DENSE, 7_037_504, "torch", _ORDERED.format("densenet121")),
    _row("DenseNet169", "DenseNet 169", _DENSE, 12_642_880, "torch", _ORDERED.format("densenet169")),
    _row("DenseNet201", "DenseNet 201", _DENSE, 18_321_984, "torch", _ORDERED.format("densenet201")),
    *(
        _row(f"ConvNeXt{s}", f"ConvNeXt {s.lower()}", _CONVNEXT, n, "own", f"convnext_{s.lower()}_notop.h5")
        for s, n in (("Tiny", 27_820_128), ("Small", 49_454_688), ("Base", 87_566_464), ("Large", 196_230_336),
                     ("XLarge", 348_147_968))
    ),
    _row("VGG16", "VGG 16", _VGG, 14_714_688, "caffe", _ORDERED.format("vgg16")),
    _row("VGG19", "VGG 19", _VGG, 20_024_384, "caffe", _ORDERED.format("vgg19")),
    _row("InceptionV3", "Inception V3", _INCEPTION, 21_802_784, "tf", _ORDERED.format("inception_v3"), 75),
    _row("InceptionResNetV2", "Inception ResNet V2", _INCEPTION, 54_336_736, "tf",
         _ORDERED.format("inception_resnet_v2"), 75),
    _row("Xception", "Xception", "Inception with separable convolutions (Chollet 2016).", 20_861_480, "tf",
         _ORDERED.format("xception"), 71),
    _row("NASNetMobile", "NASNet mobile", _NASNET, 4_269_716, "tf", "nasnet_mobile_no_top.h5"),
    _row("NASNetLarge", "NASNet large", _NASNET, 84_916_818, "tf", "nasnet_large_no_top.h5"),
)  # fmt: skip


def network(name: str) -> Network:
    """The network of that name, however it is written.

    Raises:
        GraphError: there is none.
    """
    plain = name.replace("-", "").replace("_", "").replace(" ", "").lower()
    for one in NETWORKS:
        if one.name == plain:
            return one
    raise GraphError(
        f"There is no network called {name!r}.",
        where="network",
        remedy=f"Choose one of {', '.join(n.name for n in NETWORKS)}.",
    )


def is_network(name: str) -> bool:
    """Whether the name is that of a network of keras.applications."""
    plain = name.replace("-", "").replace("_", "").replace(" ", "").lower()
    return any(one.name == plain for one in NETWORKS)


def pictures_of(facts: DataFacts | None) -> InputFacts | None:
    """The input a network can start from; None when there are no pictures."""
    return next((i for i in facts.inputs if i.kind == "image" and len(i.shape) == 3), None) if facts else None


def why_not(facts: DataFacts | None) -> str:
    """Why no network can start from this data, as one sentence; "" when one can."""
    if facts is None or facts.target is None:
        return "There are no pictures with classes yet: open some first."
    if facts.target.task == "reconstruction":
        return "These networks answer a question, and here the pictures themselves are rebuilt."
    if pictures_of(facts) is None:
        return "These networks look at pictures, and the data has none."
    return ""


def cached(one: Network) -> Path | None:
    """Weights of the network that Keras has downloaded on this machine before; None when there are none."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    file = home / "models" / one.file
    return file if file.is_file() else None


def pixel_scaling(one: Network, source: InputFacts) -> tuple[list[float] | float, list[float] | float]:
    """Scale and offset that turn pictures as they are prepared into what the network's first layer expects.

    Pictures have one or three channels; prepared they are v = p * source.scale + source.offset of pixels p (0 to 255).
    The numbers are those of keras.applications.imagenet_utils.preprocess_input.
    """
    if one.pixels == "torch":
        scales = [1 / 255 / d for d in IMAGENET_DEVIATION]
        offsets = [-m / d for m, d in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)]
    elif one.pixels == "caffe":
        scales, offsets = [1.0] * 3, [-m for m in CAFFE_MEAN]
    else:
        scales, offsets = ([1 / 127.5] * 3, [-1.0] * 3) if one.pixels == "tf" else ([1.0] * 3, [0.0] * 3)
    inner = source.scale or 1.0
    wanted = [s / inner for s in scales], [o - source.offset * s / inner for s, o in zip(scales, offsets, strict=True)]
    found = tuple(values[0] if len(set(values)) == 1 else values for values in wanted)
    return found[0], found[1]
