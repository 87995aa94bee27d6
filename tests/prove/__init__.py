"""Proofs about the project as a whole; each is a program of its own: `just prove NAME`."""
