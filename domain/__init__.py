"""What can happen, and when it may: pure rules, no I/O, no clock, no framework."""
