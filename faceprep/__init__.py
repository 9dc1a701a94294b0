"""Offline face-dataset preprocessing: photographs in, aligned faces, shards and models out."""

__version__ = "0.1.0.dev0"
