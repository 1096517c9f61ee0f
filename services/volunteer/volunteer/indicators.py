"""The figures of volunteering (口径), each from the rows that it counts."""

from __future__ import annotations

from contracts.values import Unit
from kit.service import Counted, Indicator

BY_COMMUNITY = ("community",)

INDICATORS = (
    Indicator(
        "volunteer.registered_volunteers",
        "登记志愿者人数",
        Unit.PERSONS,
        "已登记的志愿者人数，不论是否参加过活动。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, volunteer_id, background, registered_on, row_stream, row_version,"
            " '' as item from volunteer_list where {scope}",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "volunteer.activities",
        "志愿服务活动次数",
        Unit.SESSIONS,
        "已开展的志愿服务活动次数，不含仅计划的活动，与主题活动分开统计。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, activity_id, title, held_on, row_stream, row_version, '' as item"
            " from activity_list where {scope} and held_on is not null",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "volunteer.party_member_times",
        "参与党员人次",
        Unit.PERSON_TIMES,
        "党员参加志愿服务活动的人次；同一人同一活动只计一次（R-KL-10）。",
        1,
        Counted(
            "select a.tenant_id, l.community, 1 as value, a.activity_id, a.volunteer_id, a.recorded_for, a.row_stream,"
            " a.row_version, a.volunteer_id::text as item"
            " from attendance a join activity_list l using (tenant_id, activity_id)"
            " where tenant_id = any ($1::text[]) and a.party_member",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "volunteer.residents_served",
        "服务居民人次",
        Unit.PERSON_TIMES,
        "志愿服务活动服务居民的人次，与参与党员人次分开统计、不相加（R-KL-10）。",
        1,
        Counted(
            "select tenant_id, community, residents_served as value, residents_served_qualifier as qualifier,"
            " activity_id, title, served_on, row_stream, row_version, '' as item from activity_list where {scope}",
            BY_COMMUNITY,
            qualifier=None,
        ),
    ),
)
