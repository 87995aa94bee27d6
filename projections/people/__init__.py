"""What is remembered of those who act on the platform."""
