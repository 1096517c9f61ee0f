"""The kinds of streams that casework keeps."""

from __future__ import annotations

from typing import get_args

from casework.domain import agency, case, catalogue, counts, entry, place, referral
from kit.store import Category

CATALOGUES = Category("catalogue", catalogue.Catalogue(), catalogue.evolve, get_args(catalogue.CatalogueEvent))
PLACES = Category("place", place.Place(), place.evolve, get_args(place.PlaceEvent))
AGENCIES = Category("agency", agency.Agency(), agency.evolve, get_args(agency.AgencyEvent))
ENTRIES = Category("entry", entry.Entry(), entry.evolve, get_args(entry.EntryEvent))
CASES = Category("case", case.Case(), case.evolve, get_args(case.CaseEvent))
REFERRALS = Category("referral", referral.Referral(), referral.evolve, get_args(referral.ReferralEvent))
COUNTS = Category("counts", counts.Counts(), counts.evolve, (counts.ServiceCountsPublished,))

ALL = (CATALOGUES, PLACES, AGENCIES, ENTRIES, CASES, REFERRALS, COUNTS)
