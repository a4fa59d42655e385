"""Parts of the service report: tiles, tables, charts and filters, of callbacks and of calls.

For the page `service_report`.
"""
