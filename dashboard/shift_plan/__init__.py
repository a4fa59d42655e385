"""The parts of the page of shifts: the week's tables, one's own shifts, and what is planned.

For the page `shifts`.
"""
