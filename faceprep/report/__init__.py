"""One HTML page to look at: what was found, which face was chosen, what was thrown away."""
