"""What may be seen of the organisations the provider works for, and whom it meets there."""
