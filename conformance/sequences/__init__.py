"""Any sequence of serving, visiting, failing, holding and stopping: what shows only when one follows another."""
