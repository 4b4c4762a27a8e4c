"""The page: an exact map from path to bytes, read once at the start, sent with an ETag and gzip.

No path of a request ever names a file: what is not in the map does not exist. File names carry no hash, so a browser asks
each time and is told "not modified"; an update of the door is seen at once.

Source: RFC 9110 §8.8.3 (ETag), §12.5.3 (Accept-Encoding), §13.1.2 (If-None-Match).
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from aiohttp import web

from server.errors import Refused, ServerError

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_PACKED: Final = frozenset({".png", ".woff2"})  # compressed already


class PageMissing(ServerError, FileNotFoundError):
    """The page was not built, or holds a file that is no page's."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page.

    Attributes:
        body: its bytes.
        packed: the same, gzipped; None where that saves nothing.
        content_type: of the body.
        digest: of the body, for the ETag.
    """

    body: bytes
    packed: bytes | None
    content_type: str
    digest: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        """Return the asset for a file.

        Raises:
            PageMissing: a page has no files of this kind.
        """
        suffix = name[name.rfind(".") :]
        if suffix not in _TYPES:
            raise PageMissing(f"the page holds {name}, which no page needs", hint="build it again")
        packed = None if suffix in _PACKED else gzip.compress(body, 9, mtime=0)
        if packed is not None and len(packed) >= len(body):
            packed = None
        return cls(body, packed, _TYPES[suffix], hashlib.sha256(body).hexdigest()[:32])


def load_page() -> dict[str, Asset]:
    """Return the built page, by request path.

    Raises:
        PageMissing: it was not built.
    """
    root = files("server").joinpath("web", "dist")
    page = dict(_walk(root, "/")) if root.is_dir() else {}
    if "/index.html" not in page:
        raise PageMissing("the page is not built", hint="run scripts/demo, or: python scripts/build_page.py")
    page["/"] = page.pop("/index.html")
    return page


def serve(request: web.Request, page: Mapping[str, Asset]) -> web.StreamResponse:
    """Answer with the asset of exactly this path.

    Raises:
        Refused: there is none.
    """
    asset = page.get(request.path)
    if asset is None:
        raise Refused(404, "no_such_page", "There is nothing here. The door is at /.")
    body, coding = asset.body, {}
    tag = f'"{asset.digest}"'
    if asset.packed is not None and _accepts_gzip(request.headers.getall("Accept-Encoding", [])):
        body, coding, tag = asset.packed, {"Content-Encoding": "gzip"}, f'"{asset.digest}.gz"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if _matches(request.headers.getall("If-None-Match", []), tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, **coding, "Content-Type": asset.content_type})


def _walk(directory: Traversable, path: str) -> Iterator[tuple[str, Asset]]:
    for entry in directory.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{path}{entry.name}/")
        else:
            yield path + entry.name, Asset.of(entry.name, entry.read_bytes())


def _accepts_gzip(fields: list[str]) -> bool:
    for coding in ",".join(fields).lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name in {"gzip", "x-gzip"}:
            return weight.strip("0.") != "" or weight == ""
    return False


def _matches(fields: list[str], tag: str) -> bool:
    tags = {each.strip().removeprefix("W/") for each in ",".join(fields).split(",")}
    return tag in tags or "*" in tags
