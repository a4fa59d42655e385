"""Parts of the service report: tiles, tables, charts, filters and each figure's definition."""
