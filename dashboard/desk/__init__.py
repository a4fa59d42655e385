"""Parts of the advisor's desk: the card of a callback, taking calls, the wrap-up.

For the page `advisor_desk`.
"""
