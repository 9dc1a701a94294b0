"""People taken out of a folder of faces, and where else they are."""
