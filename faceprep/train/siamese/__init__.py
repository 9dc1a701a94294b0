"""Siamese networks: two faces through one backbone, then a decision whether they are of one person."""
