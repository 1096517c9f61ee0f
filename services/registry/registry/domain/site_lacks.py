"""What a site must have before it opens, each with the refusal of one that lacks it (R-LZ-24, R-LZ-30)."""

from __future__ import annotations

from kit.errors import Refused


class NoPlaque(Refused):
    code = "site-without-plaque"
    name = "站点未挂牌"
    rule = "R-LZ-30"
    text = "站点尚未挂牌。请先登记挂牌情况，再申请开放。"


class NoPremises(Refused):
    code = "site-without-premises"
    name = "站点没有场地"
    text = "站点尚无场地。请先登记场地面积和提供单位，再申请开放。"


class EquipmentShort(Refused):
    code = "site-equipment-short"
    name = "办公设备未配齐"
    rule = "R-LZ-24"
    text = "办公设备未配齐：应配 {device} {required} 台，已配 {provided} 台。请由街道补齐后再开放。"


class NoStaff(Refused):
    code = "site-without-staff"
    name = "站点没有派驻社工"
    text = "站点尚无派驻社工。请先派驻社工，试点站点须先通过人员配置核验。"
