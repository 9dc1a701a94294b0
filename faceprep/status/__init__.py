"""How far a running or stopped job is, from its storage alone."""
