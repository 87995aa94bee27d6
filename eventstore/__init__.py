"""The log: append, read, relay and replay. Postgres holds the only truth."""
