"""The history of the tables: every release's data is carried over, on both databases.

For `migrate`, which runs it through Alembic; nobody imports it.
"""
