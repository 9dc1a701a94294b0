"""Faces to shards: what goes into each record is planned first, then the shards are written."""
