"""The stages of a case (个案环节), and why one ends before the last of them."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class Stage(StrEnum):
    """接案, 预估, 制定计划, 介入, 评估, 结案: the stage last completed, in order (R-JX-03)."""

    INTAKE = "intake"
    PRE_ASSESSMENT = "pre_assessment"
    PLANNING = "planning"
    INTERVENTION = "intervention"
    EVALUATION = "evaluation"
    CLOSURE = "closure"


STAGE_NAMES = dict(zip(Stage, ("接案", "预估", "制定计划", "介入", "评估", "结案"), strict=True))


class CaseEndReason(StrEnum):
    """Why a case ended before its closure."""

    DIED = "died"
    MOVED = "moved"
    WITHDREW = "withdrew"
    TRANSFERRED = "transferred"
    LOST = "lost"


CASE_END_NAMES = dict(zip(CaseEndReason, ("去世", "迁出", "本人退出", "转介其他机构", "失去联系"), strict=True))


def following(stage: Stage | None) -> tuple[Stage, ...]:
    """What may be completed next."""
    match stage:
        case Stage.INTAKE:
            return (Stage.PRE_ASSESSMENT,)
        case Stage.PRE_ASSESSMENT:
            return (Stage.PLANNING,)
        case Stage.PLANNING:
            return (Stage.INTERVENTION,)
        case Stage.INTERVENTION:
            return (Stage.INTERVENTION, Stage.EVALUATION)
        case Stage.EVALUATION:
            return (Stage.CLOSURE,)
        case Stage.CLOSURE | None:
            return ()
        case _:
            assert_never(stage)
