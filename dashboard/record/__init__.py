"""The parts of a person's record: what is open now, tasks, and facts with who says them.

For the page `lead_file`; the desk and my calls draw the tasks, too.
"""
