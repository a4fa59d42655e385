"""The parts of the page Shifts: the week's tables, one's own shifts, and what is planned."""
