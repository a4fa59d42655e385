"""What form tools send: decode a body once, check who signed it, and read what is asked for.

Pure; knows no database.
"""
