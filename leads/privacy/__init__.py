"""Privacy: what a person may ask of us about their own data.

For the page `lead_file`.
"""
