"""The command line, the embedded engines and the demo."""
