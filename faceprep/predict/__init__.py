"""Photographs and a run in, what its model makes of them out."""
