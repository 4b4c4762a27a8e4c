"""The route table, and what stands around every route.

Every request passes ``lan.refusal`` before its handler; every answer, a refusal too, passes ``answers.dress``.
"""

import time
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from device.contract.client import LinkClient
from server.answers import Handler, answer_errors, dress, explain
from server.arrivals.lan import Asked, House, Place, refusal
from server.arrivals.neighbours import Neighbours
from server.config import Config
from server.routes.authority import PATH as AUTHORITY
from server.routes.authority import load_authority
from server.routes.page import Asset, serve
from server.routes.relay import Relay
from server.routes.sealed import Sealed
from server.routes.validity import PATH as VALIDITY
from server.routes.validity import load_validity

NEIGHBOURS: Final = web.AppKey("NEIGHBOURS", Neighbours)
"""Where readers were heard, for whoever gives out connections."""


def make_app(config: Config, link: LinkClient, page: Mapping[str, Asset]) -> web.Application:
    """Return the application; the caller runs it, and the link.

    Args:
        config: whose door this is.
        link: to the device.
        page: by request path; ``load_page`` in life.

    Raises:
        TlsUnusable: the house's own certificate cannot be offered, or a leaf cannot be used.
    """
    house, neighbours = config.house, Neighbours()
    relay = Relay(link, neighbours, time.monotonic)
    sealed = Sealed(link, neighbours, time.monotonic)
    authority, until = load_authority(config.tls), load_validity(config.tls)

    async def asset(request: web.Request) -> web.StreamResponse:
        return serve(request, page)

    async def certificate(request: web.Request) -> web.StreamResponse:
        return serve(request, authority)

    async def validity(request: web.Request) -> web.StreamResponse:
        return serve(request, until)

    routes: tuple[tuple[str, Place, Handler], ...] = (
        ("/", Place.PAGE, asset),
        ("/door", Place.DOOR, relay.handle),
        ("/sealed/{ticket}", Place.SEALED, sealed.handle),
        (AUTHORITY, Place.ASSET, certificate),
        (VALIDITY, Place.ASSET, validity),
        ("/{path:.*}", Place.ASSET, asset),  # what is not in the map does not exist
    )

    async def undress(_request: web.Request, response: web.StreamResponse) -> None:
        dress(response, is_tls=house.is_tls)

    async def stop(_app: web.Application) -> None:
        relay.close()
        sealed.close()

    app = web.Application(middlewares=[answer_errors])
    app[NEIGHBOURS] = neighbours
    for path, place, handler in routes:
        app.router.add_route("*", path, _guarded(place, handler, house), expect_handler=_expect_nothing)
    app.on_response_prepare.append(undress)
    app.on_shutdown.append(stop)
    return app


def asked(request: web.Request, place: Place) -> Asked:
    """Return the facts of a request that decide whether it is answered."""
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport else None
    local = transport.get_extra_info("sockname") if transport else None
    headers = request.headers
    return Asked(
        place=place,
        peer=peer[0] if peer else "",
        local=local[0] if local else "",
        local_port=local[1] if local else 0,
        target=request.raw_path,
        method=request.method,
        has_body=request.body_exists or "Content-Length" in headers or "Transfer-Encoding" in headers,
        host=headers.getall("Host", []),
        origin=headers.getall("Origin", []),
        site=headers.getall("Sec-Fetch-Site", []),
        mode=headers.getall("Sec-Fetch-Mode", []),
        dest=headers.getall("Sec-Fetch-Dest", []),
    )


def _guarded(place: Place, handler: Handler, house: House) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        refused = refusal(asked(request, place), house)
        if refused is not None:
            return explain(refused)
        return await handler(request)

    return answer


async def _expect_nothing(_request: web.Request) -> None:
    """Say nothing to ``Expect: 100-continue``: a body is refused anyway."""
