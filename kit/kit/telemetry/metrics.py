"""Metrics in the Prometheus text format.  Labels come from closed sets: route templates, methods, status classes."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
NO_ROUTE = "none"
"""The route label of a request that no route took: its path is the client's invention."""

REQUESTS = Histogram(
    "http_request_seconds",
    "Time to answer a request",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
TASK_UP = Gauge("background_task_up", "1 while a background task of the service runs", ["task"])
TASK_FAILURES = Counter("background_task_failures", "Times a background task died and was started again", ["task"])

TRACES_DROPPED = Counter("refusal_traces_dropped", "Refusals that left no row: too many in a minute, or no database")
TENANTS_IN_CIRCLE = Gauge("tenants_in_circle", "Tenants told of as above themselves: nobody reaches them from above")


def observe_request(route: str | None, method: str, status: int, seconds: float) -> None:
    """Counts one answered request.  `route` is a template (/v1/projects/{project_id}), never a path."""
    REQUESTS.labels(
        route=route or NO_ROUTE,
        method=method if method in METHODS else "other",
        status=f"{status // 100}xx",
    ).observe(seconds)


def exposition() -> tuple[bytes, str]:
    """Every metric of this process, and its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
