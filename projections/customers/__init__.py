"""What is remembered of the organisations the provider works for, and whom it meets there."""
