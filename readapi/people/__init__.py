"""What may be seen of those who act on the platform."""
