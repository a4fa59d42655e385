"""May this number be contacted now, and why not?

The gate and the rules behind it. Whoever calls, texts or promises asks here first.
"""
