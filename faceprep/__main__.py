"""`python -m faceprep` is the command `faceprep`."""

from faceprep.cli import main

main()
