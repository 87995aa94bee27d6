"""What can happen to those who act on the platform."""
