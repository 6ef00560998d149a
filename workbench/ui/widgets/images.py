"""Arrays as pictures of the screen."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage


def to_qimage(pixels: np.ndarray) -> QImage:
    """A uint8 array (h, w), (h, w, 1) or (h, w, 3) as an image that owns its pixels."""
    array = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None])
    height, width, channels = array.shape
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(array.data, width, height, width * channels, form).copy()
