"""What a performance came to: figures beside expectations, rebuilds, refusals, addresses and sign-ins."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from liandong import figures
from liandong.demo.expectations import Result, compare
from liandong.demo.play import play
from liandong.demo.stage import Stage, Tell
from liandong.demo.story import Story
from liandong.pasting import command
from liandong.rebuilding import Proof, Run, proof
from liandong.running import Running


@dataclass(frozen=True)
class Performance:
    """Everything that is told at the end."""

    stage: Stage
    results: list[Result]
    proofs: list[Proof]
    seconds: float

    @property
    def holds(self) -> bool:
        return all(result.holds for result in self.results) and not any(one.differ for one in self.proofs)


async def perform(running: Running, tell: Tell, run: Run) -> Performance:
    """Plays the story, reads every figure and rebuilds every read table by `run`."""
    begun = asyncio.get_running_loop().time()
    stage = Stage(running, Story(), tell)
    await play(stage)
    catalogue = {one["id"]: one for one in await figures.catalogue(running, stage.story.city)}
    results = compare(catalogue)
    tell("核对：清空并由事件重建全部读表，逐行比较")
    services = running.state.services
    proofs = [await proof(name, service, run) for name, service in services.items()]
    return Performance(stage, results, proofs, asyncio.get_running_loop().time() - begun)


def document(done: Performance) -> dict[str, Any]:
    """The document of `--json`."""
    stage, found = done.stage, done.stage.running.state
    return {
        "ok": done.holds,
        "seconds": round(done.seconds, 1),
        "commands": stage.commands,
        "scheme": stage.cast.scheme,
        "projects": [
            {
                "project_id": stage.project(place),
                "district": place.district.code,
                "community": place.community.code,
                "name": place.label,
            }
            for place in stage.story.places
        ],
        "refused": [
            {"project_id": stage.project(stage.story.fourth), "community": stage.story.fourth.community.code},
        ],
        "refusals": [
            {
                "code": one.code,
                "rule": one.rule,
                "clause": one.clause,
                "status": one.status,
                "detail": one.problem.get("detail"),
            }
            for one in stage.refusals
        ],
        "figures": [
            {
                "id": result.id,
                "holds": result.holds,
                "indicators": list(result.indicators),
                "unit": result.unit,
                "expected": asdict(result.expected),
                "printed": asdict(result.found) if result.found else None,
                "why": result.why,
            }
            for result in done.results
        ],
        "rebuilds": [asdict(one) for one in done.proofs],
        "issuer_url": found.issuer_url,
        "services": {name: service.url for name, service in found.services.items()},
    }


def text(done: Performance) -> str:
    """The same for people."""
    lines = ["", "编号      印出                              期望                              指标"]
    for result in done.results:
        shown = result.found.display if result.found else "（无）"
        mark = "✓" if result.holds else "✗"
        expected, from_ = _padded(result.expected.display, 33), "、".join(result.indicators)
        lines.append(f"{mark} {result.id:<7} {_padded(shown, 33)} {expected} {from_}")
        if result.why:
            lines.append(f"          {result.why}")
    held = sum(result.holds for result in done.results)
    lines += ["", f"指标：{held}/{len(done.results)} 项与方案一致"]
    for one in done.proofs:
        same = "与原表逐行一致" if not one.differ else "不一致：" + "、".join(one.differ)
        lines.append(f"重建：{one.service:<9} {one.tables} 张读表、{one.rows} 行，{same}")
    lines.append(f"共办理 {done.stage.commands} 件、驳回 {len(done.stage.refusals)} 件，用时 {done.seconds:.0f} 秒")
    return "\n".join(lines)


def addresses(done: Performance, data: Path) -> str:
    """Where everything is, how to sign in, and commands to paste; `data` is the region's directory."""
    found, story = done.stage.running.state, done.stage.story
    place = story.places[0]
    stream = f"project/{done.stage.project(place)}"
    example = {"sub": "demo", "role": "city_bureau", "tenant": story.city.tenant}
    others = [
        {"sub": "demo", "role": "district_bureau", "tenant": place.district.code},
        {"sub": "demo", "role": "community_committee", "tenant": place.district.code, "unit": place.community.code},
        {
            "sub": "demo",
            "role": "organisation_manager",
            "tenant": place.district.code,
            "unit": done.stage.cast.organisations["甲"],
        },
        {"sub": "demo", "role": "auditor", "tenant": story.city.tenant},
    ]
    lines = ["", "服务地址（接口说明在 /docs）："]
    lines += [f"  {name:<10} {service.url}" for name, service in found.services.items()]
    lines += [
        "",
        "登录（开发签发方，仅限本机）：",
        f"  curl -s {found.issuer_url}/token -H 'content-type: application/json' -d '{json.dumps(example)}'",
        "  其他角色的 -d 内容：",
        *(f"    {json.dumps(one)}" for one in others),
        "  取得的 access_token 放在请求头 authorization: Bearer … 中",
        "",
        "在另一终端的同一目录下：",
        f"  {command('figures', '--tenant', story.city.tenant, '--as-of', '2022-10-01', data=data)}",
        f"  {command('history', '--tenant', place.district.code, '--stream', stream, data=data)}",
    ]
    return "\n".join(lines)


def _padded(text: str, width: int) -> str:
    """To a width in columns; a Chinese character takes two."""
    return text + " " * max(0, width - sum(2 if ord(c) > 0x2E7F else 1 for c in text))
