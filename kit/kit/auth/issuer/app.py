"""The issuer over HTTP: discovery, the code flow with PKCE (OAuth 2.1), sign-out, and tokens for anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from kit import clock
from kit.auth.issuer import pages
from kit.auth.issuer.client import Client
from kit.auth.issuer.parameters import MOST_BYTES, Denied, Halted, Parameters, Unfit
from kit.auth.issuer.people import Held, People, Person
from kit.auth.issuer.sessions import Asked, Session, Sessions
from kit.auth.issuer.signing import ACCESS_LIVES, EXPIRES_IN, Signer
from kit.auth.tokens import Subject

SCOPES = ("openid", "profile")
PROMPTS = ("none", "login", "select_account")
CARRIED = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method"),
)
"""What a link of the page to choose from repeats."""


def create(signer: Signer, client: Client, people: People) -> FastAPI:
    """The issuer's app.  ValueError where a service would take the client's id tokens for access tokens."""
    if signer.audience == client.id:
        raise ValueError(f"the audience must not be the client, {client.id}")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _frame(app)
    _documents(app, signer)
    sessions = Sessions()

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = _query(request)
        uri = _registered(asked, "redirect_uri", client)
        state, answer = None, {"iss": signer.issuer}
        try:
            state = asked.may("state")
            wanted = _wanted(asked, client, uri)
            chosen = _chosen(asked, people)
            if chosen is None:
                given = {name: value for name in CARRIED if (value := asked.may(name)) is not None}
                return pages.choice(people, given, asked.may("login_hint"))
            answer["code"] = sessions.begin(wanted, *chosen, clock.now())
        except Denied as no:
            answer |= {"error": no.error, "error_description": no.why}
        return _back(uri, answer, state)

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        now, body = clock.now(), await _body(request)
        match request.headers.get("content-type", "").partition(";")[0].strip().lower():
            case "application/json":
                signed = signer.anybody(_subject(body), now)
                return JSONResponse({"access_token": signed, "token_type": "Bearer", "expires_in": EXPIRES_IN})
            case "application/x-www-form-urlencoded":
                session = _granted(request, Parameters(body), client, sessions)
                return JSONResponse(
                    {
                        "access_token": signer.access(session, now),
                        "token_type": "Bearer",
                        "expires_in": ACCESS_LIVES,
                        "refresh_token": sessions.token(session),
                        "id_token": signer.identity(session, now),
                        "scope": session.asked.scope,
                    }
                )
            case _:
                raise Denied("invalid_request", "a form of RFC 6749, or JSON for a token without signing in")

    @app.get("/end-session")
    async def end_session(request: Request) -> Response:
        asked = _query(request)
        try:
            asked.each_once()
            hint, state = asked.must("id_token_hint"), asked.may("state")
            if asked.may("client_id") not in (None, client.id):
                raise Halted("没有登记这个应用（client_id）。")
        except Unfit as no:
            raise Halted(no.said) from None
        uri = _registered(asked, "post_logout_redirect_uri", client) if "post_logout_redirect_uri" in asked else None
        sid = signer.session_of(hint, client.id)
        if sid is None:
            raise Halted("id_token_hint 不是本签发方给该应用的身份令牌。")
        sessions.end(sid)
        return _back(uri, {}, state) if uri else pages.signed_out()

    return app


def _frame(app: FastAPI) -> None:
    """Headers of every answer, and an answer for whatever goes wrong: pages for people, RFC 6749 for /token."""

    @app.middleware("http")
    async def framed(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        answer = await go_on(request)
        for name, value in pages.HEADERS.items():
            answer.headers[name] = value
        return answer

    # A page in the developer's browser must not reach us under a name that it pointed at the loopback.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    @app.exception_handler(Denied)
    async def denied(_: Request, no: Denied) -> Response:
        headers = {"www-authenticate": "Basic"} if no.status == 401 else {}  # RFC 6749 5.2
        return JSONResponse({"error": no.error, "error_description": no.why}, no.status, headers)

    @app.exception_handler(Halted)
    async def halted(_: Request, no: Halted) -> Response:
        return pages.halted(no.why, no.status)

    @app.exception_handler(HTTPException)
    async def other(request: Request, no: HTTPException) -> Response:
        answer: Response
        if request.url.path == "/token":
            answer = JSONResponse({"error": "invalid_request", "error_description": str(no.detail)}, no.status_code)
        else:
            answer = pages.halted("没有这个页面。" if no.status_code == 404 else "不能用这种方式访问。", no.status_code)
        answer.headers.update(no.headers or {})
        return answer


def _documents(app: FastAPI, signer: Signer) -> None:
    """What clients and services look up: OpenID Connect Discovery 1.0, and the key."""
    here = signer.issuer

    @app.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, Any]:
        return {"keys": [{**signer.key.as_dict(private=False), "use": "sig", "alg": "Ed25519"}]}

    @app.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "end_session_endpoint": f"{here}/end-session",
            "jwks_uri": f"{here}/.well-known/jwks.json",
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["Ed25519"],
            "claims_supported": [
                *("iss", "sub", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "sid", "name", "posts"),
            ],
            "prompt_values_supported": PROMPTS,
            "ui_locales_supported": ["zh-CN"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "authorization_response_iss_parameter_supported": True,
        }


def _query(request: Request) -> Parameters:
    try:
        return Parameters(request.scope["query_string"])
    except Unfit as no:
        raise Halted(no.said) from None


def _registered(asked: Parameters, name: str, client: Client) -> str:
    """Where to go back to.  Halted for any URI but one that the client has registered for this."""
    known = client.redirect_uris if name == "redirect_uri" else client.signed_out_uris
    try:
        if name == "redirect_uri" and asked.must("client_id") != client.id:
            raise Halted("没有登记这个应用（client_id）。")
        uri = asked.must(name)
    except Unfit as no:
        raise Halted(no.said) from None
    if "#" in uri:
        raise Halted(f"返回地址（{name}）不能带 #。")
    if uri not in known:
        raise Halted(f"没有登记这个返回地址（{name}），须与登记的完全一致。")
    return uri


def _wanted(asked: Parameters, client: Client, uri: str) -> Asked:
    """What the code will be bound to.  Denied as RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6 say."""
    asked.each_once()
    for name in ("request", "request_uri", "registration"):
        if name in asked:
            raise Denied(f"{name}_not_supported", f"{name} is not supported")
    if asked.must("response_type") != "code":
        raise Denied("unsupported_response_type", "response_type is code")
    if asked.may("response_mode") not in (None, "query"):
        raise Denied("invalid_request", "response_mode is query")
    scope = (asked.may("scope") or "").split()
    if "openid" not in scope or not set(scope) <= set(SCOPES):
        raise Denied("invalid_scope", "scope is openid, and profile with it")
    if asked.must("code_challenge_method") != "S256":
        raise Denied("invalid_request", "code_challenge_method is S256")
    return Asked(client.id, uri, asked.must("code_challenge"), " ".join(scope), asked.may("nonce"))


def _chosen(asked: Parameters, people: People) -> tuple[Person, Held] | None:
    """Who signs in at which post; None where a person must say so first."""
    prompts = set((asked.may("prompt") or "").split())
    hint, wanted = asked.may("login_hint"), asked.may("post")
    if not prompts <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise Denied("invalid_request", "prompt is none, or login, or select_account")
    if "none" not in prompts:
        return None
    person = people.get(hint or "")
    if person is None:
        raise Denied("login_required", "prompt=none needs a login_hint that names a known person")
    post = person.at(wanted)
    if post is None:
        raise Denied("invalid_request", "post is not one of this person's")
    return person, post


def _granted(request: Request, form: Parameters, client: Client, sessions: Sessions) -> Session:
    """The session that a code or a refresh token speaks for; whichever it was is spent.  Denied otherwise."""
    form.each_once()
    if request.url.query:
        raise Denied("invalid_request", "parameters stand in the body")
    if "authorization" in request.headers or "client_secret" in form:
        raise Denied("invalid_client", "the client has no secret", 401)
    if form.must("client_id") != client.id:
        raise Denied("invalid_client", "no such client", 401)
    match form.must("grant_type"):
        case "authorization_code":
            return sessions.redeem(
                form.must("code"),
                client_id=client.id,
                redirect_uri=form.must("redirect_uri"),
                verifier=form.must("code_verifier"),
                now=clock.now(),
            )
        case "refresh_token":
            return sessions.refresh(
                form.must("refresh_token"), client_id=client.id, post=form.may("post"), now=clock.now()
            )
        case _:
            raise Denied("unsupported_grant_type", "grant_type is authorization_code or refresh_token")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Denied("invalid_request", f"longer than {MOST_BYTES} bytes", 413)
    return bytes(body)


def _subject(body: bytes) -> Subject:
    try:
        return Subject.model_validate_json(body)
    except ValidationError as e:
        wrong = e.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in wrong]) from None


def _back(uri: str, answer: dict[str, str], state: str | None) -> RedirectResponse:
    query = urlencode(answer | ({} if state is None else {"state": state}))
    return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{query}" if query else uri, 303)
