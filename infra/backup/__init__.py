"""Backups of the embedded PostgreSQL: base backups and write-ahead log, packed and encrypted."""
