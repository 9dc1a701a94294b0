"""Photographs to faces: a dataset root is catalogued, and each slice of it becomes one part."""
