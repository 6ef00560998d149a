"""The colours of the two looks, and the sets of colours for classes, runs and layer categories. Plain data."""

from __future__ import annotations

import zlib

# Every pair of text (text, muted, accent, good, warn, bad) and ground (surface, panel, hover, selected) is at
# least 4.5:1 (WCAG 2.2, 1.4.3); tests/ui/test_theme.py computes it.
LIGHT = {
    "text": "#1c2128",
    "muted": "#57606c",
    "faint": "#8a93a0",  # not for words: disabled glyphs, grid
    "surface": "#ffffff",
    "panel": "#f4f5f7",
    "raised": "#ffffff",
    "line": "#dcdfe4",
    "edge": "#b9c0ca",
    "accent": "#2456c9",
    "accent_hover": "#1d48ac",
    "on_accent": "#ffffff",
    "good": "#186a3b",
    "warn": "#855500",
    "bad": "#b3261e",
    "positive": "#2166ac",
    "negative": "#994a00",
    "hover": "#eaecf0",
    "selected": "#e0e8fa",
    "good_ground": "#e6f4eb",
    "warn_ground": "#fdf3dc",
    "bad_ground": "#fdeae9",
    "info_ground": "#e9effc",
    "grid": "#e7e9ed",
}
DARK = {
    "text": "#e6e8ec",
    "muted": "#a4acb8",
    "faint": "#6d7683",
    "surface": "#191c20",
    "panel": "#20242a",
    "raised": "#282d34",
    "line": "#343a43",
    "edge": "#4d5561",
    "accent": "#8db2ff",
    "accent_hover": "#a9c5ff",
    "on_accent": "#0c1a38",
    "good": "#6fcf97",
    "warn": "#e8b45a",
    "bad": "#ff8f87",
    "positive": "#74b3f0",
    "negative": "#f2a65e",
    "hover": "#2a2f37",
    "selected": "#26365a",
    "good_ground": "#1c3226",
    "warn_ground": "#352b17",
    "bad_ground": "#3a2221",
    "info_ground": "#212e49",
    "grid": "#2a2f36",
}

# M. Petroff, "Accessible Color Sequences for Data Visualization" (2021), ten colours told apart with all three
# kinds of colour blindness; the dark set is the same hues lifted to at least 3:1 on the dark ground.
CLASS_LIGHT = (
    "#3f90da", "#cc7d00", "#bd1f01", "#7e8f8d", "#832db6", "#a96b59", "#e76300", "#8f8544", "#717581", "#2fa3a8",
)  # fmt: skip
CLASS_DARK = (
    "#5aa5e8", "#ffb13b", "#f2604a", "#a9b8b6", "#b877e6", "#cc9181", "#ff8a3d", "#cbbf85", "#989ca8", "#92dadd",
)  # fmt: skip

# After P. Tol, "Colour Schemes" (2021), vibrant and bright mixed; at most eight runs have a colour.
RUN_LIGHT = ("#0077bb", "#cc5500", "#00857a", "#b01f5e", "#7a5c00", "#5b4fc4", "#4a7d2c", "#5f6670")
RUN_DARK = ("#5fb4ee", "#ff9f5c", "#4fd0c2", "#ff7fb0", "#dcbf5f", "#a9a0ff", "#98cf78", "#aab2bd")

CATEGORY_LIGHT = {
    "data": "#57606c",
    "core": "#2456c9",
    "convolution": "#7b3fc4",
    "pooling": "#a2348f",
    "normalization": "#00786f",
    "regularization": "#8a5a00",
    "recurrent": "#b3401c",
    "attention": "#b01f5e",
    "reshaping": "#4a6b7d",
    "merging": "#3a7326",
    "activation": "#946800",
    "preprocessing": "#5f6670",
}
CATEGORY_DARK = {
    "data": "#a4acb8",
    "core": "#8db2ff",
    "convolution": "#bf9af0",
    "pooling": "#e596d6",
    "normalization": "#58c9bf",
    "regularization": "#dcae5e",
    "recurrent": "#f3936f",
    "attention": "#ff8db8",
    "reshaping": "#93b6c9",
    "merging": "#93cd7c",
    "activation": "#e2c05c",
    "preprocessing": "#aab2bd",
}


def category_key(group: str) -> str:
    """The category a layer group's name belongs to ("Convolution layers" -> "convolution"); a stable one for others."""
    word = group.lower()
    for key in CATEGORY_LIGHT:
        if key[:5] in word:
            return key
    keys = sorted(CATEGORY_LIGHT)
    return keys[zlib.crc32(word.encode()) % len(keys)]
