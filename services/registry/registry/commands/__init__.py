"""Commands: may they, which streams, decide.  One module for each group of aggregates."""
