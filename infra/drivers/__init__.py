"""Drivers: one client library per file, each behind a port of its user."""
