"""Parts of the report: tiles, tables, charts, filters and the definition of each figure."""
