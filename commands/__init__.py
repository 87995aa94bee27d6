"""What may be asked: one module per slice, and the table that lists every command."""
