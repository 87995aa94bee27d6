"""What may be asked about the organisations the provider works for, and whom it meets there."""
