"""Privacy: what a person may ask of us about their own data.

For a person's file and commands.
"""
