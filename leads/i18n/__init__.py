"""Sentences that can be said in the reader's language, and the languages we speak.

Anybody may use it; it imports nothing of ours.
"""
