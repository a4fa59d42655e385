"""Parts of what supervisors see of danger: on the board, and on the page of incidents.

For the pages `callback_board` and `incidents`.
"""
