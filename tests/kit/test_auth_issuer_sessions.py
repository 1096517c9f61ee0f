"""How long codes and sessions of the development issuer last, and how many it keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.values import Role
from kit.auth.issuer import sessions as kept
from kit.auth.issuer.parameters import Denied
from kit.auth.issuer.people import Held, Person
from kit.auth.issuer.sessions import CODE_LIVES, SESSION_LIVES, Asked, Session, Sessions, challenge_of

NOW = datetime(2022, 9, 27, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POST = Held(tenant="620100", role=Role.CITY_BUREAU, label="演示市 · 经办")
PERSON = Person(sub="demo", name="示例·一", posts=(POST,))
BACK, VERIFIER = "http://127.0.0.1:9/", "v" * 43
ASKED = Asked("portal", BACK, challenge_of(VERIFIER), "openid", None)


def redeem(sessions: Sessions, code: str, now: datetime = NOW, client_id: str = "portal") -> Session:
    return sessions.redeem(code, client_id=client_id, redirect_uri=BACK, verifier=VERIFIER, now=now)


def refresh(sessions: Sessions, token: str, now: datetime = NOW, client_id: str = "portal") -> Session:
    return sessions.refresh(token, client_id=client_id, post=None, now=now)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Its appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_code_is_good_for_a_minute() -> None:
    sessions = Sessions()
    last, late = (sessions.begin(ASKED, PERSON, POST, NOW) for _ in range(2))
    assert redeem(sessions, last, NOW + CODE_LIVES - SECOND).generation == 1
    with pytest.raises(Denied, match="expired"):
        redeem(sessions, late, NOW + CODE_LIVES)


def test_a_session_ends_after_a_working_day_however_often_it_is_refreshed() -> None:
    sessions = Sessions()
    session = redeem(sessions, sessions.begin(ASKED, PERSON, POST, NOW))
    for hour in range(1, 10):
        session = refresh(sessions, sessions.token(session), NOW + timedelta(hours=hour))
    session = refresh(sessions, sessions.token(session), NOW + SESSION_LIVES - SECOND)
    with pytest.raises(Denied, match="expired"):
        refresh(sessions, sessions.token(session), NOW + SESSION_LIVES)


def test_what_was_given_to_one_client_is_no_other_s() -> None:
    sessions = Sessions()
    code = sessions.begin(ASKED, PERSON, POST, NOW)
    session = redeem(sessions, sessions.begin(ASKED, PERSON, POST, NOW))
    with pytest.raises(Denied, match="another client"):
        redeem(sessions, code, client_id="other")
    with pytest.raises(Denied, match="another client"):
        refresh(sessions, sessions.token(session), client_id="other")


def test_codes_that_nobody_fetches_push_out_codes_and_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_CODES", 3)
    sessions = Sessions()
    session = redeem(sessions, sessions.begin(ASKED, PERSON, POST, NOW))
    codes = [sessions.begin(ASKED, PERSON, POST, NOW) for _ in range(5)]
    assert len(sessions._codes) == 3
    with pytest.raises(Denied):
        redeem(sessions, codes[1])
    assert redeem(sessions, codes[2])
    assert refresh(sessions, sessions.token(session))


def test_beyond_their_number_the_session_that_was_refreshed_the_longest_ago_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "MOST_SESSIONS", 2)
    sessions = Sessions()
    first, second = (redeem(sessions, sessions.begin(ASKED, PERSON, POST, NOW)) for _ in range(2))
    first = refresh(sessions, sessions.token(first))
    redeem(sessions, sessions.begin(ASKED, PERSON, POST, NOW))
    assert len(sessions._live) == 2
    with pytest.raises(Denied, match="ended"):
        refresh(sessions, sessions.token(second))
    assert refresh(sessions, sessions.token(first)).generation == 3
