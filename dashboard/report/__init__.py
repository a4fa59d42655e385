"""Parts of the service report: tiles, tables, charts and filters.

For the page `service_report`.
"""
