"""Sentences about the desk, on both databases."""
