"""Measurements: ratios against a peer or the raw engine, in one run, interleaved, medians.  `make bench`."""
