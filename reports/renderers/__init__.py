"""The table of a report -> text; one module and one template a format."""
