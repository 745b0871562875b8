"""What happened in one test, as immutable values: events, spans, histories, and their rendering."""
