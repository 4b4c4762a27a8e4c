"""What every answer carries, and how a refusal is said.

The page may load what this door serves and nothing else: no inline script, no eval, no foreign origin, no frame around
it, no string that becomes markup (Trusted Types). ``blob:`` is for thumbnails and video that the page itself opened.

Permissions-Policy is obeyed by Chromium alone: there it closes what no page of ours asks for, and nothing rests on it.

Source: W3C CSP 3, Trusted Types, Permissions Policy; WHATWG Fetch (CORP), HTML (COOP); RFC 6797 (HSTS).
"""

import html
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from server.errors import Refused

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_OPEN: Final = ("camera", "microphone")  # to this page alone, and once its browser has asked
# All else that a browser asks people for or that tells devices apart. What a player needs (autoplay, fullscreen) stays as it is:
# for this page alone.
_CLOSED: Final = (
    "accelerometer", "bluetooth", "browsing-topics", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "midi", "payment", "publickey-credentials-get", "serial", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip  # a list of names, read as one
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=(self)" for feature in _OPEN), *(f"{feature}=()" for feature in _CLOSED)]
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Two years, as the preload list asks; without includeSubDomains, because the name has none.
TLS_HEADERS: Final = {"Strict-Transport-Security": "max-age=63072000"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)


def dress(response: web.StreamResponse, *, is_tls: bool) -> None:
    """Give an answer the headers that every answer has, and take the banner away."""
    response.headers.update(HEADERS)
    if is_tls:
        response.headers.update(TLS_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)


def explain(refused: Refused) -> web.Response:
    """Return the answer for a refusal: JSON with a code and a sentence."""
    body = json.dumps({"code": refused.code, "sentence": refused.sentence}, separators=(",", ":"))
    response = web.Response(
        status=refused.status, text=body, content_type="application/json", headers=refused.headers
    )
    if refused.headers.get("Connection") == "close":
        response.force_close()
    return response


def explain_to_a_person(refused: Refused) -> web.Response:
    """Return the same as a page, where a page was asked for and ours cannot come."""
    body = (
        f"<!doctype html><html lang=en><title>doorward</title><p>{html.escape(refused.sentence)}</p></html>"
    )
    return web.Response(status=refused.status, text=body, content_type="text/html")


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into an answer that helps and tells nothing of the inside."""
    try:
        return await handler(request)
    except Refused as refused:
        return explain(refused)
    except web.HTTPException as error:  # aiohttp's own, from a broken WebSocket handshake
        return explain(
            Refused(error.status, "bad_request", "This is not a request that the door understands.")
        )
    except Exception:
        if (
            request.writer.output_size > 0
        ):  # an answer was under way: only cutting it tells the client the truth
            raise
        logger.exception("request failed method=%s", request.method)
        return explain(Refused(500, "broken", "The door made a mistake. It is in its log; please try again."))
