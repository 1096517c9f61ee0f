"""Read tables: one module per screen."""
