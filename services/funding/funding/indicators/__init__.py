"""The figures of funding (口径): what schemes say, and what projects and their money came to."""

from funding.indicators import project, scheme

INDICATORS = (*scheme.INDICATORS, *project.INDICATORS)
