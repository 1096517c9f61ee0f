"""What is expensive to change, kept as files: events of every version, routes, indicator ids, refusals.

`python -m tests.golden` writes what is missing and what may change (routes, indicators, refusals).  The bytes of an
event that is here are never written again: a changed event is a new version with an upcaster, and the old file stays.
"""
