"""Reading, cleaning, looking at and preparing data."""

from __future__ import annotations

import os

# Arrow's allocator gives memory back at once: by default a large table costs half its file more while it is read.
# It looks at these when it is loaded, which the modules of this package do.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "0")
os.environ.setdefault("MIMALLOC_ARENA_EAGER_COMMIT", "0")
