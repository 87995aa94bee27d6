"""Seals: what the log holds, signed, so that nobody can change it unnoticed (docs/audit.md)."""
