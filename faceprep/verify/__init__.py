"""The stage `verify`: reads faces and shards again, and says what is wrong, where."""
