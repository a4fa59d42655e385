"""I18n: sentences that can be translated for their reader, and the languages we speak.

Anybody may import it; it imports nothing of ours.
"""
