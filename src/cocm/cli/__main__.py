"""`python -m cocm.cli` runs the command."""

from cocm.cli import main

main()
