"""Exchange of master data as files: bytes into rows of plain values, and back."""
