"""What may be seen: one module per slice, with rights compiled into every query."""
