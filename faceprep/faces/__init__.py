"""The vision kernel: arrays in, faces out. It knows no files and no processes."""
