"""The parts of a person's record.

What is open now, how they were reached, tasks, facts, and what happened.
"""
