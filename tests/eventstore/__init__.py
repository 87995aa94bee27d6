"""The log, tested on a real PostgreSQL."""
