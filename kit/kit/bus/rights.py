"""What each NATS user may do, and nothing else: the table that servers are configured from and tests try.

    python -m kit.bus.rights gansu-lanzhou registry casework funding volunteer

prints the accounts for the configuration of a server that is not ours (deploy/nats).

JetStream and whoever looks after it have an account; each service has one of its own, and sees of the other what it
may publish to.  Permissions alone are not enough: a user chooses where the server answers, the server does not ask
whether that user might publish there, and an answer at `$JS.API.STREAM.DELETE.…` is a request.  What answers a request
from another account arrives in that account, wherever in it the asker wanted it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import indent
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.fields import Region
from kit.bus.connect import PLATFORM
from kit.bus.declare import stream_of

OPERATOR = "operator"
BUS = "BUS"
"""The account that JetStream works in.  A service's account is called as the service is, in small letters."""
AT_THE_BUS = (OPERATOR, PLATFORM)
API = "$JS.API"
LIMITS = {"max_connections": 100, "max_subscriptions": 2_000}
"""Of one service's account: some ten connections an instance, and as many subscriptions as a few of them make."""
MANY_ANSWERS = ".MSG.NEXT."
"""What one request has many answers to; to any other the first answer is the last."""


@dataclass(frozen=True)
class Rights:
    """Subjects that a user may publish to, and listen to; `>` is all."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


EVERYTHING = Rights((">",), (">",))
"""The operator's: whoever repairs the bus."""


def of_service(service: str, region: str, publishers: Sequence[str]) -> Rights:
    """A service tells under its own name, reads again what it told, and takes from its own consumers."""
    asked = [
        subject
        for stream in (stream_of(region, name) for name in publishers)
        for subject in (
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}",
            f"$JS.API.CONSUMER.RESET.{stream}.{service}",
            f"$JS.API.CONSUMER.INFO.{stream}.{service}",
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.ACK.{stream}.{service}.>",
        )
    ]
    own = (f"evt.{region}.*.{service}.>", f"$JS.API.STREAM.MSG.GET.{stream_of(region, service)}")
    return Rights((*own, *asked), (f"_INBOX_{service}.>",))


def of_platform(region: str, publishers: Sequence[str]) -> Rights:
    """Declares the region's streams and their consumers.  It may not delete a stream, nor empty it."""
    asked = [
        subject
        for stream in (stream_of(region, name) for name in publishers)
        for subject in (
            f"$JS.API.STREAM.CREATE.{stream}",
            f"$JS.API.STREAM.UPDATE.{stream}",
            f"$JS.API.STREAM.INFO.{stream}",
            f"$JS.API.CONSUMER.CREATE.{stream}.>",
            f"$JS.API.CONSUMER.INFO.{stream}.*",
            f"$JS.API.CONSUMER.RESET.{stream}.*",
        )
    ]
    return Rights(tuple(asked), (f"_INBOX_{PLATFORM}.>",))


def of_all(services: Sequence[str], region: str) -> dict[str, Rights]:
    """The operator's, the platform's and each service's, by the user's name."""
    own = {name: of_service(name, region, services) for name in services}
    return {OPERATOR: EVERYTHING, PLATFORM: of_platform(region, services), **own}


def accounts(users: Mapping[str, Rights], known: Callable[[str], Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    """The server's `accounts`.  `known` says what the server knows a user by: `{"nkey": "U…"}`.

    All that a service may publish to is the account BUS's, exported to that service's account and no other.
    """
    services = {name: may.publish for name, may in users.items() if name not in AT_THE_BUS}
    asked_at = {name: Rights(tuple(map(aside, users[name].publish)), users[name].subscribe) for name in services}
    written = {name: {**known(name), "permissions": asdict(may)} for name, may in {**users, **asked_at}.items()}
    subjects = dict.fromkeys(subject for may in services.values() for subject in may)
    exports = [
        {
            "service": subject,
            "response_type": "stream" if MANY_ANSWERS in subject else "single",
            "accounts": [name for name, may in services.items() if subject in may],
        }
        for subject in subjects
    ]
    return {
        BUS: {
            "jetstream": "enabled",
            "users": [written[name] for name in AT_THE_BUS if name in written],
            "exports": exports,
        },
        **{
            name: {
                "limits": LIMITS,
                "users": [written[name]],
                "imports": [{"service": {"account": BUS, "subject": subject}, "to": aside(subject)} for subject in may],
                "mappings": {subject: aside(subject) for subject in may if aside(subject) != subject},
            }
            for name, may in services.items()
        },
    }


def aside(subject: str) -> str:
    """Where a service's account has an import of the bus's API.

    At `$JS.API.>` the server puts its own answer into every account: that the account has no JetStream.  Of two answers
    the first one counts; what a service asks is mapped aside, where there is one.  The server maps before it looks at
    permissions.
    """
    return subject.replace(API, BUS, 1) if subject.startswith(API) else subject


def configuration(users: Mapping[str, Rights]) -> str:
    """The `accounts` of a server.  Each user's public key is the server's environment's: $FUNDING_NKEY, ….

    NATS's language is JSON, but that names stand bare, and variables must.
    """
    lines = ["accounts {"]
    for name, account in accounts(users, lambda user: {"nkey": f"${user.upper()}_NKEY"}).items():
        lines.append(f"  {name} {{")
        for what, value in account.items():
            if isinstance(value, list):
                each = (json.dumps(one, indent=2 if what == "users" else None) for one in value)
                lines += [f"    {what}: [", *(indent(one, "      ") for one in each), "    ]"]
            else:
                lines.append(indent(f"{what}: {json.dumps(value, indent=2)}", "    "))
        lines.append("  }")
    return re.sub(r'"(\$\w+_NKEY)"', r"\1", "\n".join([*lines, "}", ""]))


def _region(text: str) -> str:
    try:
        return TypeAdapter(Region).validate_python(text)
    except ValidationError:
        sentence = f"{text!r} is no region: small letters, digits and single hyphens, such as gansu-lanzhou"
        raise argparse.ArgumentTypeError(sentence) from None


def _service(text: str) -> str:
    if not re.fullmatch("[a-z]+", text) or text in AT_THE_BUS:
        raise argparse.ArgumentTypeError(f"{text!r} is no service: small letters, such as funding")
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m kit.bus.rights", description="accounts of a region's NATS server")
    parser.add_argument("region", type=_region, help="such as gansu-lanzhou")
    parser.add_argument("services", type=_service, nargs="+", metavar="service", help="such as funding")
    asked = parser.parse_args()
    sys.stdout.write(configuration(of_all(asked.services, asked.region)))
