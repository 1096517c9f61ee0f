"""Steps 1 to 4: communities apply, streets sign, districts recommend, the city approves; a fourth is refused."""

from __future__ import annotations

from liandong.demo.stage import Stage, together
from liandong.demo.story import Place, paper


async def play(stage: Stage) -> None:
    """The city decides by districts; the first one's fourth is tried as soon as its three places are taken."""
    story = stage.story
    await together([recommend(stage, place) for place in (*story.places, story.fourth)])
    first = story.fourth.district
    for place in (place for place in story.places if place.district == first):
        await _approved(stage, place)
    await _refused(stage, story.fourth)
    for place in (place for place in story.places if place.district != first):
        await _approved(stage, place)
    await together([_milestones(stage, place) for place in story.places])


async def _approved(stage: Stage, place: Place) -> None:
    path, on = f"/projects/{stage.project(place)}/approve", stage.story.day("approve")
    await stage.do(f"approve/{place.community.code}", "funding", path, stage.story.city, on)
    stage.tell(place, "已确定为试点社区")


async def _refused(stage: Stage, place: Place) -> None:
    """Played again, all ten places are taken, which refuses it too."""
    path, on = f"/projects/{stage.project(place)}/approve", stage.story.day("refuse_fourth")
    step = f"approve/{place.community.code}"
    codes = ("quota-exceeded", "total-exceeded")
    denied = await stage.refused(step, "funding", path, stage.story.city, on, codes)
    stage.tell(place, f"被驳回{denied.ground}：{denied.problem['detail']}")


async def apply(stage: Stage, place: Place) -> None:
    """The community's application, and its street's signature."""
    story, code = stage.story, place.community.code
    community, street = place.community, place.street
    attested = [
        {
            "condition": condition["code"],
            "attester": street.code if condition["code"].startswith("street") else community.code,
            "evidence": paper(f"attestation/{code}/{condition['code']}"),
        }
        for condition in story.terms["community"]["attested"]
    ]
    body = {
        "scheme_id": stage.cast.scheme,
        "street": street.code,
        "street_name": street.name,
        "community": community.code,
        "community_name": community.name,
        "area_m2": place.area_m2,
        "attestations": attested,
    }
    project = await stage.do(f"apply/{code}", "funding", "/projects", place.committee, story.day("apply"), body)
    stage.cast.projects[code] = project
    await stage.do(f"sign-off/{code}", "funding", f"/projects/{project}/sign-off", place.leader, story.day("sign_off"))


async def recommend(stage: Stage, place: Place) -> None:
    """All that comes before the payer's decision."""
    await apply(stage, place)
    path, on = f"/projects/{stage.project(place)}/recommend", stage.story.day("recommend")
    await stage.do(f"recommend/{place.community.code}", "funding", path, place.bureau, on)
    stage.tell(place, f"已申请（{place.area_m2} 平方米）、街道主要领导已签字、区民政局已推荐")


async def _milestones(stage: Stage, place: Place) -> None:
    """The district's back-scheduled plan."""
    path, on = f"/projects/{stage.project(place)}/milestones", stage.story.day("milestones")
    await stage.do(f"milestones/{place.community.code}", "funding", path, place.bureau, on)
