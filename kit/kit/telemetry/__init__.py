"""What a service shows of itself: spans, metrics and logs.  Ids yes, people no (I12).

Everything that leaves here passes an allow-list: a span attribute, a metric label or a log key that nobody listed is
dropped, so that a library that starts to record more tomorrow shows nothing more.
"""

from __future__ import annotations

from kit.telemetry.logs import configure_logs, frames
from kit.telemetry.metrics import exposition, observe_request
from kit.telemetry.spans import Ring, configure_spans, current_trace_id, current_traceparent, linked, provider

__all__ = [
    "current_trace_id",
    "current_traceparent",
    "exposition",
    "flush",
    "frames",
    "linked",
    "observe_request",
    "provider",
    "start",
]


def start(service: str, region: str) -> Ring | None:
    """Configures the logs and spans of this process.  Called by its entry; later calls change nothing of the spans.

    Answers the ring of recent spans, or None when a collector gets them.
    """
    configure_logs(service)
    return configure_spans(service, region)


def flush(seconds: float = 5) -> None:
    """Hands over what is still buffered; called at the end of a process."""
    provider().force_flush(int(seconds * 1000))
