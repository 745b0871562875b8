"""Events, spans, histories, and how they are written by hand."""
