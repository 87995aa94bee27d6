"""The HTTP application: who gets in, and what errors look like."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from typing import Any

import anyio
import msgspec
import structlog
from litestar import HttpMethod, Litestar, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import (
    AbstractAuthenticationMiddleware,
    AuthenticationResult,
    DefineMiddleware,
)
from litestar.openapi.datastructures import ResponseSpec
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

from commands.fields import field_of
from domain.actors import Actor
from domain.problems import PROBLEM_JSON, FieldProblem, Problem, problem
from infra.openapi import FieldDetails, documentation
from infra.tokens import TokenInvalid, Tokens

log = structlog.get_logger()

CHECK_SECONDS = 2.0
READY_SECONDS = 1.0
"""How long an answer about the services is good enough."""

Check = Callable[[], Awaitable[None]]
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


class Health(msgspec.Struct):
    """The process answers."""

    status: str = "ok"


class CheckResult(msgspec.Struct, omit_defaults=True):
    """What one service said."""

    ok: bool
    required: bool
    """Whether this process can do nothing without it."""
    ms: float
    error: str = ""


class Readiness(msgspec.Struct):
    """Whether this process can do its work, and what each service said."""

    ready: bool
    checks: dict[str, CheckResult]


def build(
    handlers: Sequence[HTTPRouteHandler],
    *,
    tokens: Tokens,
    checks: Mapping[str, Check],
    required: Collection[str],
    lifespan: Sequence[Lifespan],
) -> Litestar:
    """Return the application that serves these handlers below `/api/v1`.

    It is ready while the required ones of its checks pass.
    """
    api = Router("/api/v1", route_handlers=list(handlers), guards=[_permitted])
    assets = create_static_files_router(
        "/docs/assets",
        directories=[str(files("swagger_ui") / "static")],
        opt=_OPEN,
        include_in_schema=False,
    )
    return Litestar(
        [api, _health, _ready(checks, required), assets],
        middleware=[DefineMiddleware(_Authentication, tokens=tokens, exclude_from_auth_key="open")],
        exception_handlers={HTTPException: _on_http_error, Exception: _on_fault},
        lifespan=list(lifespan),
        openapi_config=documentation(),
        plugins=[FieldDetails()],
        logging_config=None,
        # A list of 500 commands with long texts stays well below.
        request_max_body_size=8 * 1024 * 1024,
    )


_OPEN = {"open": True}
"""Marks the few routes that need no token: health and documentation."""


class _Authentication(AbstractAuthenticationMiddleware):
    """Lets nobody in without a valid bearer token."""

    def __init__(self, app: ASGIApp, tokens: Tokens, exclude_from_auth_key: str) -> None:
        super().__init__(
            app,
            exclude="^/docs",
            exclude_from_auth_key=exclude_from_auth_key,
            exclude_http_methods=[],  # by default OPTIONS would come in as nobody
        )
        self._tokens = tokens

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            msg = "Send a token: `Authorization: Bearer …`; `psa token` issues one."
            raise NotAuthorizedException(msg)
        try:
            actor = self._tokens.verify(token.strip())
        except TokenInvalid as error:
            msg = f"The token is not valid: {error}."
            raise NotAuthorizedException(msg) from error
        structlog.contextvars.bind_contextvars(actor=actor.id)
        return AuthenticationResult(user=actor, auth=None)


async def _permitted(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Deny by default: a route that does not say who may is open to nobody."""
    # A coroutine, although it waits for nothing: Litestar gives any other guard a thread.
    if connection.scope.get("method") == HttpMethod.OPTIONS:
        # Litestar answers with the methods there are, which `/docs` tells anybody.
        return
    actor: Actor = connection.user
    may = handler.opt.get("may", frozenset())
    if actor.role not in may:
        needed = ", ".join(sorted(may))
        msg = f"The role `{actor.role}` may not do this; it takes one of: {needed}."
        raise PermissionDeniedException(msg)


@get(
    "/health",
    opt=_OPEN,
    security=[{}],
    tags=["Operation"],
    operation_id="Health",
    sync_to_thread=False,
)
def _health() -> Health:
    """Tell that the process answers."""
    return Health()


def _ready(checks: Mapping[str, Check], required: Collection[str]) -> HTTPRouteHandler:
    lock = anyio.Lock()
    last = Readiness(ready=False, checks={})
    asked_at = float("-inf")

    async def ready() -> Response[Readiness]:
        """Tell whether requests can be answered, and what each service says; asked once a second.

        A service that is not `required` may be away: then something comes later or less cleverly.
        """
        nonlocal last, asked_at
        # Anybody may call: it must not be a way to use up connections.
        async with lock:
            if time.monotonic() - asked_at > READY_SECONDS:
                last = await _asked(checks, required)
                asked_at = time.monotonic()
        return Response(last, status_code=200 if last.ready else 503)

    return get(
        "/ready",
        opt=_OPEN,
        security=[{}],
        tags=["Operation"],
        operation_id="Ready",
        responses={503: ResponseSpec(Readiness, description="A required service does not answer.")},
    )(ready)


async def _asked(checks: Mapping[str, Check], required: Collection[str]) -> Readiness:
    results: dict[str, CheckResult] = {}

    async def run(name: str, check: Check) -> None:
        results[name] = await _measured(check, required=name in required)

    async with anyio.create_task_group() as group:
        for name, check in checks.items():
            group.start_soon(run, name, check)
    ready = all(result.ok for result in results.values() if result.required)
    return Readiness(ready, results)


async def _measured(check: Check, *, required: bool) -> CheckResult:
    begun = time.perf_counter()
    error = ""
    try:
        with anyio.fail_after(CHECK_SECONDS):
            await check()
    except Exception as failure:  # noqa: BLE001 - whatever a service says, it is not ready
        # The kind only: a driver's message may carry an address or a password.
        error = type(failure).__name__
    taken = round((time.perf_counter() - begun) * 1000, 1)
    return CheckResult(not error, required, taken, error)


def _on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    fields: tuple[FieldProblem, ...] = ()
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = tuple(
            _field(str(item.get("key", "")), str(item.get("message", "")))
            for item in error.extra
            if isinstance(item, dict)
        )
    detail = "; ".join(f"{f.field}: {f.message}" for f in fields) or error.detail
    code = type(error).__name__.removesuffix("Exception")
    headers = dict(error.headers or {})
    if isinstance(error, NotAuthorizedException):
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(problem(code, error.status_code, detail, fields), headers)


def _field(key: str, message: str) -> FieldProblem:
    # Litestar calls the whole body `data`; a field that lacks is named in its message only.
    return FieldProblem(field_of(message, "" if key == "data" else key), message)


def _on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.error("request_failed", path=request.url.path, method=request.method, exc_info=error)
    detail = "Something went wrong on our side; it was logged."
    return _answer(problem("InternalError", 500, detail), {})


def _answer(content: Problem, headers: dict[str, str]) -> Response[Problem]:
    return Response(content, status_code=content.status, media_type=PROBLEM_JSON, headers=headers)
