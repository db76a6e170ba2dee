"""Public instances of scheduling problems as scenario files, and plans for them scored by each set's own definition."""
