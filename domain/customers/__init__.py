"""What can happen to the organisations the provider works for, and whom it meets there."""
