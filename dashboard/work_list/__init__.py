"""Parts of the page of work: its address, its rows, and the panel beside them.

They draw, and act through one verb each. For the page `open_work`.
"""
