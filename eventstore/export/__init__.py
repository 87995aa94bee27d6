"""What the log says, for who may not ask it: each event, and what it changed about its record."""
