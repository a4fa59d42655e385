"""Parts of the page on which supervisors decide what no rule could."""
