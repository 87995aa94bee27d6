"""What is remembered for reading: views folded from the log, rebuildable at any time."""
