"""Whether a number may be contacted now, and if not, why: the gate and the rules behind it.

Whoever calls, texts or promises asks here first.
"""
