"""Read tables: one statement per event, and the queries beside them."""
