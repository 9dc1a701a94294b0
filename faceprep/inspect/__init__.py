"""The stage `inspect`: what is in a folder of faces, in shards, in any file of them; in words."""
