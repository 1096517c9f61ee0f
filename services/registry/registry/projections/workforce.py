"""REG-R3 in numbers: how many workers each organisation has, and of what kind."""

from __future__ import annotations

WORKFORCE = """(
select tenant_id, organisation_id, count(*) as workers,
  count(*) filter (where employment = 'full_time') as full_time, count(*) filter (where licensed) as licensed,
  count(*) filter (where intermediate) as intermediate, count(*) filter (where sw_graduate) as sw_graduates
from worker_list where organisation_id is not null group by tenant_id, organisation_id)"""
"""By tenant and organisation."""
