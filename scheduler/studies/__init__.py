"""Questions put to the engine about a scenario and its plan: one file a question."""
