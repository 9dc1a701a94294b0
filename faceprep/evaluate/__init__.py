"""How well a Siamese network tells people apart, by CFP's verification protocol."""
