"""Parts of what supervisors see of danger: in the work list, and on the page of incidents.

For the pages `open_work` and `incidents`.
"""
