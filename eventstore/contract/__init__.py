"""What readers of the log may rely on: every event described, and no description broken."""
