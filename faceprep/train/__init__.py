"""The third stage: shards in, trained models out."""
