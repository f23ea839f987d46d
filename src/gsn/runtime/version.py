"""The version of the package, which every store names."""

__version__ = "0.2.0"
