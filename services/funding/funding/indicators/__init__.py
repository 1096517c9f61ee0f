"""The figures of funding (口径): what plans say, and what pilots and their money came to."""

from funding.indicators import pilots, plans

INDICATORS = (*plans.INDICATORS, *pilots.PILOT_INDICATORS, *pilots.REVIEW_INDICATORS)
