"""Command models and handlers: may they, which streams, decide."""
