"""How many declared streets and communities have an open site.  A unit with two sites counts once; never above all."""

from __future__ import annotations

COVERAGE = """(
select u.tenant_id, u.kind, count(*) as declared, count(*) filter (where exists (
  select from site_list s where s.tenant_id = u.tenant_id and s.host = u.unit and s.status = 'open')) as covered
from unit_list u where u.counted group by u.tenant_id, u.kind)"""
"""By tenant and kind of unit."""
