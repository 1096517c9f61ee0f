"""The figures of funding (口径): what schemes say, and what pilots and their money came to."""

from funding.indicators import pilot, scheme

INDICATORS = (*scheme.INDICATORS, *pilot.INDICATORS)
