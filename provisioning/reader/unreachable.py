"""Why no door greets at an address, in words: what answered instead, and what to do about it."""

import os
from http import HTTPStatus
from typing import Final

import aiohttp

from provisioning.printer import quoted

_RUNNING: Final = "check the address, and whether the door is running"


def unreachable(url: str, error: aiohttp.ClientError) -> tuple[str, str]:
    """Return sentence and hint for whoever asked at ``url`` and was not greeted."""
    match error:
        case aiohttp.WSServerHandshakeError(status=HTTPStatus.SERVICE_UNAVAILABLE):
            return (
                f"{url}: the server is there, and the door behind it is not",
                "is the device running? A door that starts takes some seconds",
            )
        case aiohttp.WSServerHandshakeError(status=status):
            return f"{url}: no door is there: a server answered {status}", "check the address"
        case aiohttp.ClientConnectorCertificateError():
            why = error.certificate_error
            return (
                f"{url}: its certificate is not trusted: {quoted(getattr(why, 'verify_message', '') or str(why))}",
                "name the house CA with --ca, and the door as its certificate does",
            )
        case aiohttp.ClientSSLError():
            return (
                f"{url}: whatever answers speaks no TLS of ours: {quoted(str(error))}",
                "check the address and its port",
            )
        case aiohttp.ClientConnectorDNSError():
            return (
                f"{url}: nobody on this network knows the name",
                "check the address, and whether the door is running; names that end with .local need mDNS",
            )
        case aiohttp.ClientConnectorError():
            why = error.os_error
            said = os.strerror(why.errno) if why.errno else str(why)
            return f"{url}: nothing answers: {quoted(said)}", _RUNNING
        case aiohttp.ClientOSError(strerror=str(why)):
            return f"{url}: the connection broke: {quoted(why)}", _RUNNING
        case aiohttp.ServerDisconnectedError():
            return f"{url}: whatever answered hung up", _RUNNING
        case _:
            return (
                f"{url}: nothing that we understand answers: {quoted(str(error))}",
                _RUNNING,
            )
