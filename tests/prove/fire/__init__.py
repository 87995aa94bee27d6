"""The order of the log under fire: writers and connections die, readers follow, nothing is lost."""
