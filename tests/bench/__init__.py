"""Figures, taken on this machine; each module prints one line of JSON."""
