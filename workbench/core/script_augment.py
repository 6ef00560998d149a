"""The part of a Keras script that varies training pictures: Keras' own layers before the network, idle but in training.

They draw other numbers than the workbench does, from the same ranges.
"""

from __future__ import annotations

from collections.abc import Mapping

from .augmentation import active
from .facts import InputFacts
from .project import Augmentation

_FILL = {"repeat": 'fill_mode="nearest"', "mirror": 'fill_mode="reflect"'}


def varied_inputs(augment: Augmentation, sources: Mapping[str, InputFacts]) -> list[str]:
    """Names of the model's inputs that are varied: pictures, where anything is varied."""
    return [n for n, facts in sources.items() if facts.kind == "image" and len(facts.shape) == 3] * active(augment)


def vary_function(augment: Augmentation, sources: Mapping[str, InputFacts]) -> str:
    """`with_variation(model)` as text; sources: {input name: what was prepared for it}, in the model's order."""
    varied = varied_inputs(augment, sources)
    facts = sources[varied[0]]
    low, high = float(facts.offset), float(255.0 * facts.scale + facts.offset)
    lines = ["def with_variation(model):", '    """The same network behind layers that vary training pictures."""']
    lines += ["    vary = keras.Sequential(", "        ["]
    lines += [f"            {layer}," for layer in _layers(augment, low, high)]
    lines += ["        ]", "    )", "    inputs = {"]
    for name, source in sources.items():
        lines += [f"        {name!r}: keras.Input(shape={source.shape!r}, name={name!r}),"]
    lines += ["    }", "    outputs = model({"]
    for name in sources:
        lines += [
            f"        {name!r}: {'vary(' if name in varied else ''}inputs[{name!r}]{')' if name in varied else ''},"
        ]
    lines += ["    })", "    return keras.Model(inputs=inputs, outputs=outputs)"]
    return "\n".join(lines).replace("'", '"') + "\n"


def _layers(augment: Augmentation, low: float, high: float) -> list[str]:
    fill = _FILL.get(augment.border, f'fill_mode="constant", fill_value={low!r}')
    ways = {(True, False): "horizontal", (False, True): "vertical", (True, True): "horizontal_and_vertical"}
    made = []
    if augment.horizontal or augment.vertical:
        made.append(f'layers.RandomFlip("{ways[augment.horizontal, augment.vertical]}")')
    if augment.rotate:
        made.append(f"layers.RandomRotation({augment.rotate / 360!r}, {fill})")
    if augment.shift:
        made.append(f"layers.RandomTranslation({augment.shift!r}, {augment.shift!r}, {fill})")
    if augment.zoom:
        made.append(f"layers.RandomZoom({augment.zoom!r}, {fill})")
    value_range = f"value_range=({low!r}, {high!r})"
    if augment.contrast:
        made.append(f"layers.RandomContrast({augment.contrast!r}, {value_range})")
    if augment.brightness:
        made.append(f"layers.RandomBrightness({augment.brightness!r}, {value_range})")
    if augment.noise:
        made.append(f"layers.GaussianNoise({augment.noise * (high - low)!r})")
    return made
