"""Why no door greets at an address, in words: what answered instead, and what to do about it."""

from http import HTTPStatus

import aiohttp

from provisioning.printer import quoted


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
            return (
                f"{url}: its certificate is not trusted: {quoted(str(error.certificate_error))}",
                "name the house CA with --ca, and the door as its certificate does",
            )
        case aiohttp.ClientSSLError():
            return (
                f"{url}: whatever answers speaks no TLS of ours: {quoted(str(error))}",
                "check the address and its port",
            )
        case _:
            return (
                f"{url}: nothing answers: {quoted(str(error))}",
                "check the address, and whether the door is running",
            )
