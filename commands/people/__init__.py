"""What may be asked about those who act on the platform."""
