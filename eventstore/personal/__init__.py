"""What tells of people: encrypted on its way into the log, opened on its way out (ADR 12)."""
