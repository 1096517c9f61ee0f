"""The whole story, act after act; within an act the ten projects go side by side."""

from __future__ import annotations

from liandong.demo.acts import (
    acceptance,
    application,
    delivery,
    money,
    procurement,
    rating,
    reports,
    roads,
    setup,
    sites,
    staffing,
)
from liandong.demo.stage import Stage


async def play(stage: Stage) -> None:
    """Plays, or where it was played before, repeats: the same commands with the same ids change nothing."""
    stage.tell(None, "第一幕 准备")
    await setup.play(stage)
    stage.tell(None, "第二幕 申报与确定（2022年6月至7月）")
    await roads.withdraw(stage)
    await roads.terminate(stage)
    await application.play(stage)
    await sites.prepare(stage)
    stage.tell(None, "第三幕 购买服务（2022年7月至8月）")
    await procurement.play(stage)
    stage.tell(None, "第四幕 人员配备（2022年8月至9月）")
    await staffing.play(stage)
    await sites.furnish(stage)
    stage.tell(None, "第五幕 拨款与启动（2022年9月）")
    await money.fund(stage)
    stage.tell(None, "第六幕 实施与中期（2022年10月至2023年4月）")
    await delivery.play(stage)
    await roads.suspend(stage)
    await delivery.publish(stage, "counts_first")
    await roads.merge(stage)
    await reports.play(stage, "midterm")
    await money.spend(stage, instalment=1)
    stage.tell(None, "第七幕 末期（2023年5月至9月）")
    await delivery.publish(stage, "counts_last")
    await reports.play(stage, "final")
    await money.spend(stage, instalment=2)
    stage.tell(None, "第八幕 验收与综合评价（2023年9月至10月）")
    await acceptance.play(stage)
    await rating.play(stage)
