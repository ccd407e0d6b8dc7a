"""What the cache stores and answers, end to end: the real binary between raw clients and an origin whose every byte a test
decides."""
import re

import pytest

from support.cached_site import FRESH, CachedSite, answer, status_of
from support.raw_client import RawClient


@pytest.fixture
def site(tmp_path):
    made = []

    def make(script, *args, **how):
        made.append(CachedSite(tmp_path / f"node{len(made)}", script, *args, **how))
        return made[-1]

    yield make
    for each in made:
        each.close()


# -- hits -----------------------------------------------------------------------------------------

def test_a_fresh_response_is_stored_and_answers_the_next_requests(site):
    s = site(lambda *_: answer(b"hello", FRESH, b"ETag: \"v1\"", b"X-Own: kept", b"Connection: x-hop", b"X-Hop: 1"))
    first = s.get()
    assert first.status == 200 and first.body == b"hello"
    assert status_of(first) == b"weir; fwd=uri-miss; ttl=600; stored"
    assert first.field(b"age") is None
    second = s.get()
    assert (second.status, second.body) == (200, b"hello")
    assert re.fullmatch(rb"weir; hit; ttl=(600|59\d)", status_of(second))
    assert second.field(b"age") in (b"0", b"1", b"2", b"3")
    assert second.field(b"x-own") == b"kept" and second.field(b"x-hop") is None
    assert second.field(b"date") and second.field(b"content-length") == b"5"
    assert len(s.asked) == 1
    s.wait_metric("hit", 1)
    s.wait_metric("miss", 1)
    assert any('"cache":"hit"' in line for line in s.node.wait_for_access(count=2))


def test_a_kept_connection_mixes_hits_and_misses(site):
    s = site(lambda path, *_: answer(path * 3, FRESH))
    with RawClient(s.port) as client:
        for path in [b"/a", b"/a", b"/b", b"/a", b"/b"] * 3:
            got = client.send(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path).read()
            assert got.body == path * 3
    assert len(s.asked) == 2


def test_a_large_body_is_stored_whole(site):
    body = bytes(range(256)) * 8192  # 2 MiB
    s = site(lambda *_: answer(body, FRESH))
    assert s.get().body == body
    assert s.get().body == body
    assert len(s.asked) == 1


def test_chunked_bodies_are_stored_and_get_a_length(site):
    s = site(lambda *_: b"HTTP/1.1 200 OK\r\n" + FRESH + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
                        b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert s.get().body == b"abcde"
    again = s.get()
    assert again.body == b"abcde" and again.field(b"content-length") == b"5"
    assert len(s.asked) == 1


def test_head_is_answered_from_a_stored_get(site):
    s = site(lambda *_: answer(b"hello", FRESH))
    s.get()
    got = s.get(method=b"HEAD")
    assert got.status == 200 and got.body == b"" and got.field(b"content-length") == b"5"
    assert len(s.asked) == 1


def test_the_query_is_part_of_the_key_but_for_what_is_dropped(site):
    s = site(lambda path, *_: answer(path, FRESH), '{ key: { drop_query: ["utm_*"] } }')
    s.get(b"/?a=1&utm_source=x")
    assert s.get(b"/?utm_medium=y&a=1").body == b"/?a=1&utm_source=x"
    assert s.get(b"/?a=2").body == b"/?a=2"


def test_what_is_stored_survives_a_restart(site):
    body = b"0123456789" * 20000
    s = site(lambda path, fields, _: answer(fields.get(b"accept-language", b"-") if path == b"/v" else body, FRESH,
                                            *([b"Vary: Accept-Language"] if path == b"/v" else [])))
    for _ in range(2):
        s.get(b"/big"), s.get(b"/v", b"Accept-Language: de"), s.get(b"/v", b"Accept-Language: fr")
    s.node.wait(lambda: s.stats()["disk"]["objects"] >= 4, 20, "four objects on disk")
    s.stop_origin()
    s.restart()
    for path, lines, expected in ((b"/big", [], body), (b"/v", [b"Accept-Language: de"], b"de"),
                                  (b"/v", [b"Accept-Language: fr"], b"fr")):
        s.node.wait(lambda: s.get(path, *lines).status == 200, 20, f"{path} from the disk")
        assert s.get(path, *lines).body == expected


def test_a_node_may_keep_it_in_memory_only(site, tmp_path):
    s = site(lambda *_: answer(b"x", FRESH))
    s.config += f'\ncluster: {{ store: {{ path: "{tmp_path}/other", cache_disk: 0, cache_memory: 4MiB }} }}\n'
    s.restart()
    s.get(), s.get()
    assert s.stats()["memory"]["objects"] == 1 and s.stats()["requests_total"]["hit"] == 1
    s.restart()
    assert status_of(s.get()).startswith(b"weir; fwd=uri-miss")


# -- what is not stored ---------------------------------------------------------------------------

@pytest.mark.parametrize("lines", [
    [b"Cache-Control: no-store, max-age=60"], [b"Cache-Control: private, max-age=60"],
    [FRESH, b"Set-Cookie: sid=1"], [FRESH, b"Vary: *"], [b"Expires: 0"], [b"Cache-Control: max-age=abc"], []])
def test_what_must_not_be_shared_is_not(site, lines):
    s = site(lambda *_: answer(b"x", *lines))
    for _ in range(3):
        assert s.get().status == 200
    assert len(s.asked) == 3


def test_requests_with_a_bypass_cookie_are_neither_answered_nor_stored(site):
    s = site(lambda path, fields, _: answer(fields.get(b"cookie", b"none")), "{ ttl: 1min, bypass_cookie: [sid] }")
    assert s.get(b"/", b"Cookie: sid=1").body == b"sid=1"
    assert s.get().body == b"none"
    assert s.get(b"/", b"Cookie: sid=1").body == b"sid=1"
    assert status_of(s.get(b"/", b"Cookie: sid=1")) == b"weir; fwd=bypass"
    assert s.get(b"/", b"Cookie: other=1").body == b"none"
    s.wait_metric("bypass", 3)


def test_an_assumed_lifetime_does_not_mix_clients_with_cookies(site):
    s = site(lambda path, fields, _: answer(fields.get(b"cookie", b"none")), "{ ttl: 1min }")
    assert s.get(b"/", b"Cookie: sid=1").body == b"sid=1"
    assert s.get().body == b"none"
    assert s.get(b"/", b"Cookie: sid=2").body == b"sid=2"
    assert s.get().body == b"none"
    assert len(s.asked) == 3


def test_authorized_requests_share_only_what_is_said_to_be_for_all(site):
    s = site(lambda path, fields, _: answer(fields.get(b"authorization", b"none"),
                                            b"Cache-Control: max-age=60" + (b", public" if path == b"/all" else b"")))
    assert s.get(b"/", b"Authorization: A").body == b"A"
    assert s.get(b"/", b"Authorization: B").body == b"B"
    assert s.get(b"/all", b"Authorization: A").body == b"A"
    assert s.get(b"/all").body == b"A"


def test_a_route_may_switch_it_off(site):
    s = site(lambda *_: answer(b"x", FRESH), routes="""    routes:
      - { path: /live, cache: "off", upstream: u }
""")
    s.get(b"/live"), s.get(b"/live")
    assert s.count(b"/live") == 2 and status_of(s.get(b"/live")) is None


def test_an_answer_that_ends_early_is_never_stored(site):
    def cut(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\n" + FRESH + b"\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000)
        raise EOFError

    def cut_chunks(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\n" + FRESH + b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        raise EOFError

    answers = {b"/l": [cut, answer(b"whole", FRESH)], b"/c": [cut_chunks, answer(b"whole", FRESH)]}
    s = site(lambda path, *_: answers[path].pop(0))
    for path in (b"/l", b"/c"):
        with pytest.raises(EOFError):
            s.get(path)
        assert s.get(path).body == b"whole"
        assert s.get(path).body == b"whole"
        assert s.count(path) == 2


# -- variants -------------------------------------------------------------------------------------

def test_variants_by_vary(site):
    s = site(lambda path, fields, _: answer(fields.get(b"accept-language", b"-"), FRESH, b"Vary: Accept-Language"))
    for _ in range(2):
        for language in (b"de", b"en, fr", b"-"):
            lines = [b"Accept-Language: " + language] if language != b"-" else []
            assert s.get(b"/", *lines).body == language
    assert len(s.asked) == 3
    assert s.get(b"/", b"Accept-Language: FR ,en").body == b"en, fr"
    assert status_of(s.get(b"/", b"Accept-Language: it")).startswith(b"weir; fwd=vary-miss")


def test_key_headers_and_cookies_make_variants(site):
    s = site(lambda path, fields, _: answer(fields.get(b"x-country", b"-") + fields.get(b"cookie", b"-"), FRESH),
             "{ key: { headers: [X-Country], cookies: [theme] } }")
    assert s.get(b"/", b"X-Country: de", b"Cookie: a=1; theme=x").body == b"dea=1; theme=x"
    assert s.get(b"/", b"X-Country: de", b"Cookie: theme=x; b=1").body == b"dea=1; theme=x"
    assert s.get(b"/", b"X-Country: fr").body == b"fr-"
    assert len(s.asked) == 2


# -- conditions and ranges ------------------------------------------------------------------------

def test_conditions_are_answered_from_the_store(site):
    s = site(lambda *_: answer(b"hello", FRESH, b'ETag: "v1"', b"Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
                               b"Content-Type: text/plain"))
    s.get()
    for line in (b'If-None-Match: "x", W/"v1"', b"If-None-Match: *", b"If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT"):
        got = s.get(b"/", line)
        assert got.status == 304 and got.body == b"" and got.field(b"etag") == b'"v1"'
        assert got.field(b"cache-control") and got.field(b"content-type") is None
    assert s.get(b"/", b'If-None-Match: "x"').status == 200
    assert s.get(b"/", b"If-Modified-Since: Sun, 31 Dec 2023 00:00:00 GMT").status == 200
    assert len(s.asked) == 1


def test_ranges_are_cut_from_the_store(site):
    body = bytes(range(256)) * 1024
    s = site(lambda *_: answer(body, FRESH, b'ETag: "v1"'))
    s.get()
    got = s.get(b"/", b"Range: bytes=70000-140000")
    assert got.status == 206 and got.body == body[70000:140001]
    assert got.field(b"content-range") == b"bytes 70000-140000/262144"
    assert s.get(b"/", b"Range: bytes=-10").body == body[-10:]
    assert s.get(b"/", b"Range: bytes=999999-").status == 416
    assert s.get(b"/", b"Range: bytes=0-9", b'If-Range: "v1"').status == 206
    assert s.get(b"/", b"Range: bytes=0-9", b'If-Range: "v2"').status == 200
    assert len(s.asked) == 1


def test_a_part_is_passed_on_and_the_whole_fetched_behind_it(site):
    def script(path, fields, _):
        if b"range" in fields:
            return answer(b"he", FRESH, b'ETag: "v1"', b"Content-Range: bytes 0-1/5", status=b"206 Partial Content")
        return answer(b"hello", FRESH, b'ETag: "v1"')

    s = site(script)
    got = s.get(b"/", b"Range: bytes=0-1")
    assert got.status == 206 and got.body == b"he"
    s.wait_asked(b"/", 2)
    assert b"range" not in s.asked[1][2]
    s.node.wait(lambda: status_of(s.get(b"/", b"Range: bytes=3-4")).startswith(b"weir; hit"), 10, "a part from the store")
    assert s.get().body == b"hello"


def test_an_invalidation_takes_every_variant(site):
    version = [0]

    def script(path, fields, method):
        if method == b"POST":
            version[0] += 1
            return answer(b"done")
        return answer(b"%s %d" % (fields[b"accept-language"], version[0]), FRESH, b"Vary: Accept-Language")

    here = site(script)
    languages = (b"en", b"de")
    for number in (0, 0, 1, 1):
        if version[0] < number:
            here.get(method=b"POST")
        for language in languages:
            assert here.get(b"/", b"Accept-Language: " + language).body == b"%s %d" % (language, number)
    assert here.count(b"/") == 5
