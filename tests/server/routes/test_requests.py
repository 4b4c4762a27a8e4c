"""Requests over real sockets: every answer is dressed, every refusal helps, nothing makes the server stumble."""

import asyncio
import random

import pytest

from server.answers import HEADERS, POLICY
from tests.server.conftest import PAGE, Running, read_answer

SAME = ("Sec-Fetch-Site: same-origin",)


async def test_the_page_comes_with_every_header_that_guards_it(running: Running) -> None:
    answer = await running.get("/")
    assert (answer.status, answer.body) == (200, PAGE["/"].body)
    for name, value in HEADERS.items():
        assert answer.headers[name.lower()] == value
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "strict-transport-security" not in answer.headers, "it means nothing on plain http"


async def test_refusals_are_dressed_as_well(running: Running) -> None:
    for answer in (
        await running.get("/nowhere"),
        await running.get("/", host="evil.example"),
        await running.get("/", "Origin: https://evil.example"),
        await running.get("/", method="POST"),
        await running.send(b"nonsense\r\n\r\n"),
    ):
        assert answer.status in range(400, 500)
        assert answer.refusal
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/assets/main.js", "/door", "/sealed/" + "t" * 43, "/nowhere", "/../etc/passwd"]
)
@pytest.mark.parametrize(
    ("headers", "host", "method", "code"),
    [
        ((), "evil.example", "GET", "foreign_host"),
        (("Origin: https://evil.example",), None, "GET", "foreign_origin"),
        (("Sec-Fetch-Site: cross-site",), None, "GET", "cross_site"),
        ((), None, "POST", "bad_method"),
        ((), None, "OPTIONS", "bad_method"),
        (("Content-Length: 4",), None, "GET", "body"),
    ],
)
async def test_every_route_has_the_same_guard(
    running: Running, path: str, headers: tuple[str, ...], host: str | None, method: str, code: str
) -> None:
    assert (await running.get(path, *headers, host=host, method=method)).refusal == code


async def test_without_a_ticket_or_a_signature_there_is_nothing_but_the_static_page(running: Running) -> None:
    assert (await running.get("/door")).refusal == "websocket_only"
    assert (await running.get("/sealed/short")).refusal == "no_such_ticket"
    for path in (
        "/sealed/",
        "/api",
        "/clips",
        "/config",
        "/ca.pem",
        "/.git/config",
        "/assets/",
        "/assets",
        "//",
        "/index.html",
    ):
        assert (await running.get(path)).status == 404, path


@pytest.mark.parametrize(
    "path",
    ["/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc%2fpasswd",
     "/assets/main.js%00.png", "/assets/main.js/", "/ASSETS/main.js", "/assets//main.js", "/assets/main.js?x=1%0d%0aX:1"],
)  # fmt: skip
async def test_no_path_of_a_request_reaches_a_file(running: Running, path: str) -> None:
    answer = await running.get(path)
    if "?" in path:
        assert answer.body == PAGE["/assets/main.js"].body
    else:
        assert answer.status == 404


async def test_an_asset_is_asked_for_again_and_not_sent_again(running: Running) -> None:
    first = await running.get("/assets/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await running.get("/assets/main.js", f"If-None-Match: {first.headers['etag']}")
    assert (again.status, again.body) == (304, b"")
    assert (await running.get("/assets/main.js", 'If-None-Match: "other"')).status == 200


async def test_gzip_is_for_those_who_take_it(running: Running) -> None:
    packed = await running.get("/", "Accept-Encoding: br, gzip")
    plain = await running.get("/", "Accept-Encoding: gzip;q=0")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in (await running.get("/assets/icon.png", "Accept-Encoding: gzip")).headers


async def test_head_is_a_get_without_its_body(running: Running) -> None:
    head, get = await running.get("/", method="HEAD"), await running.get("/")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_broken_requests_get_a_sentence_and_never_a_5xx(running: Running, raw: bytes) -> None:
    answer = await running.send(raw)
    assert 400 <= answer.status < 500
    assert answer.refusal


async def test_hundreds_of_random_requests_never_make_it_stumble(running: Running) -> None:
    dice = random.Random(7)
    words = [b"GET", b"POST", b"/", b"/door", b"/sealed/", b"HTTP/1.1", b"\r\n", b"Host: localhost", b"Range: bytes=0-",
             b"Upgrade: websocket", b"Connection: upgrade", b"Sec-WebSocket-Version: 13",
             b"\x00", b"\xff", b":", b" "]  # fmt: skip
    for _ in range(300):
        raw = b" ".join(dice.choices(words, k=dice.randrange(1, 12))) + b"\r\n\r\n"
        try:
            answer = await running.send(raw)
        except (EOFError, ConnectionError):
            continue
        assert answer.status < 500
    assert (await running.get("/")).status == 200


COOKIE = "Cookie: a="


@pytest.mark.parametrize("size", [2_048, 4_096, 8_192])
async def test_cookies_that_another_program_left_under_the_name_do_not_close_the_page(
    running: Running, size: int
) -> None:
    """Browsers do not keep cookies apart by port: whatever else runs at this name has its cookies sent here."""
    for path in ("/", "/assets/main.js"):
        assert (await running.get(path, COOKIE + "x" * (size - 2))).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        (COOKIE + "x" * 8_191,),
        (COOKIE + "x" * 16_000,),
        (COOKIE + "x" * 60_000,),
        tuple(f"X-{number}: {'x' * 4_000}" for number in range(5)),
    ],
    ids=["8 KB and one", "16 KB", "60 KB", "many fields"],
)
async def test_above_eight_kilobytes_a_sentence_speaks_of_cookies(
    running: Running, headers: tuple[str, ...]
) -> None:
    answer = await running.get("/door", *headers)
    assert (answer.status, answer.refusal) == (431, "head_too_long")
    assert b"cookies" in answer.body
    person = await running.get("/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8", *headers)
    assert person.status == 431
    assert person.headers["content-type"].startswith("text/html")
    assert person.headers["content-security-policy"].startswith("default-src 'none'")
    assert b"Delete the cookies of this address" in person.body
    assert (await running.get("/")).status == 200


async def test_a_head_that_never_ends_is_cut_off_before_it_fills_the_memory(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET / HTTP/1.1\r\n")
    for number in range(40):
        writer.write(f"X-{number}: {'x' * 2_000}\r\n".encode())
    assert (await read_answer(reader)).status == 431
    assert await reader.read() == b""
    writer.close()


async def test_many_requests_on_one_connection_are_many_heads(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    request = f"GET / HTTP/1.1\r\nHost: localhost:{running.port}\r\n{COOKIE}{'x' * 5_000}\r\n\r\n".encode()
    for _ in range(10):
        for at in range(0, len(request), 1_000):
            writer.write(request[at : at + 1_000])
            await writer.drain()
        assert (await read_answer(reader)).status == 200
    writer.close()


async def test_camera_and_microphone_are_for_this_page_alone(running: Running) -> None:
    policy = dict(
        each.split("=") for each in (await running.get("/")).headers["permissions-policy"].split(", ")
    )
    assert {feature for feature, whom in policy.items() if whom != "()"} == {"camera", "microphone"}
    assert policy["camera"] == policy["microphone"] == "(self)"
