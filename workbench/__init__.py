"""The workbench: open data, clean it, build a network by hand, watch it learn, take it away."""

__version__ = "0.1.0"
