"""The parts of a person's record: what is open now, tasks, facts, stops of contact, merging.

For the page `lead_file`; the desk and my calls draw the tasks, too.
"""
