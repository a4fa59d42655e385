"""Explaining: what the rules say of a number, a form or a text; no person's file is touched.

For the operator's command line.
"""
