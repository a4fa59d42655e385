"""Parts of the advisor's desk: the card of a callback, the call, danger on it, and the wrap-up.

For the page `advisor_desk`; the work list, a person's record and my calls draw some of them, too.
"""
