"""A local search over the terms of a part, compiled: it knows no rule, only what terms measure."""
