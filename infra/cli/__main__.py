"""Runs the command line with `python -m infra.cli`: the supervisor starts its processes so."""

from infra.cli import main

main()
