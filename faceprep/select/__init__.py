"""faces/ to targets.parquet: the most frontal face of each identity."""
