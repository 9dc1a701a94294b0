"""The stage `export`: faces as plain image files in identity folders, with their poses as CSV."""
