"""Whether a number may be contacted now, and if not, why: the gate and the rules behind it.

For whoever calls, texts or promises: all ask here first.
"""
