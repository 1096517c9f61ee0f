"""What requests carry: each parameter at most once, of its own form and length; and the two ways to say no."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

MOST_BYTES: Final = 16_384
MOST_FIELDS: Final = 32
"""Of a query or a form."""

FORMS: Final = {
    "response_type": re.compile(r"[a-z_ ]{1,64}"),
    "response_mode": re.compile(r"[a-z_.]{1,32}"),
    "grant_type": re.compile(r"[\x21-\x7e]{1,128}"),
    "client_id": re.compile(r"[\x21-\x7e]{1,64}"),
    "redirect_uri": re.compile(r"[\x21-\x7e]{1,512}"),
    "post_logout_redirect_uri": re.compile(r"[\x21-\x7e]{1,512}"),
    "scope": re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,256}"),
    "state": re.compile(r"[\x20-\x7e]{1,1024}"),
    "nonce": re.compile(r"[\x20-\x7e]{1,256}"),
    "prompt": re.compile(r"[a-z_ ]{1,64}"),
    "login_hint": re.compile(r"[\x21-\x7e]{1,128}"),
    "post": re.compile(r"[\x21-\x7e]{1,128}"),
    "code_challenge": re.compile(r"[A-Za-z0-9_-]{43}"),
    "code_challenge_method": re.compile(r"[\x21-\x7e]{1,32}"),
    "code_verifier": re.compile(r"[A-Za-z0-9._~-]{43,128}"),
    "code": re.compile(r"[\x21-\x7e]{1,128}"),
    "refresh_token": re.compile(r"[\x21-\x7e]{1,128}"),
    "id_token_hint": re.compile(r"[A-Za-z0-9._-]{1,8192}"),
}
"""Sources: RFC 6749 appendix A, RFC 7636 4.1 and 4.2; the lengths are ours."""


@dataclass
class Denied(Exception):
    """For the client: an error of RFC 6749 and why, in the ASCII that its `error_description` may have."""

    error: str
    why: str
    status: int = 400


class Unfit(Denied):
    """A parameter that no request may carry so; `said` is what a person is told."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__("invalid_request", why)
        self.said = said


@dataclass
class Halted(Exception):
    """For the person at the browser, in Chinese: nobody may be sent back to where the request says."""

    why: str
    status: int = 400


class Parameters:
    """A query or a form.  What is not known is passed over (RFC 6749 3.1), but counted."""

    def __init__(self, raw: bytes) -> None:
        """Unfit for more than MOST_BYTES or MOST_FIELDS, and for what is not percent-encoded UTF-8."""
        if len(raw) > MOST_BYTES:
            raise Unfit(f"longer than {MOST_BYTES} bytes", "请求过长。")
        try:
            given = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except UnicodeError:
            raise Unfit("not percent-encoded UTF-8", "请求的编码有误。") from None
        except ValueError:
            raise Unfit(f"more than {MOST_FIELDS} parameters", "请求的参数过多。") from None
        self._given = dict(given)
        self._doubled = {name for name, times in Counter(name for name, _ in given).items() if times > 1}

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def may(self, name: str) -> str | None:
        """Its value; None if it is absent or empty, which is the same.  Unfit if it is doubled or not of its form."""
        if name in self._doubled:
            raise Unfit(f"{name} is given more than once", f"参数 {name} 重复，只能给一次。")
        value = self._given.get(name) or None
        if value is not None and not FORMS[name].fullmatch(value):
            raise Unfit(f"{name} is malformed or too long", f"参数 {name} 格式不符或过长。")
        return value

    def must(self, name: str) -> str:
        """As `may`; Unfit also if it is absent."""
        value = self.may(name)
        if value is None:
            raise Unfit(f"{name} is missing", f"缺少参数 {name}。")
        return value

    def each_once(self) -> None:
        """Unfit if any is doubled, also of those that we do not know."""
        if self._doubled:
            raise Unfit("a parameter is given more than once", "有参数重复，只能给一次。")
