"""Compressed bodies of cached responses, end to end: each is encoded once, whoever asks, and is what its response is.

Method: an origin that compresses nothing behind a site that caches and compresses; the node's own counters say what was encoded,
the origin's how often it was asked."""
import gzip
import threading

import pytest

from support.cached_site import FRESH, STALE, CachedSite, answer, not_modified, status_of

PAGE = "".join(f"<p>line {i} of a page that repeats itself, as pages do</p>\n" for i in range(600)).encode()
LARGE = PAGE * 60  # 2 MiB
HTML = b"Content-Type: text/html"
TAG = b'ETag: "v1"'
GZIP, BR, NONE = b"Accept-Encoding: gzip", b"Accept-Encoding: br", b"Accept-Encoding: identity"


@pytest.fixture
def site(tmp_path):
    made = []

    def make(script, cache="{}", **how):
        made.append(CachedSite(tmp_path / f"node{len(made)}", script, cache + "\n    compress: auto", **how))
        return made[-1]

    yield make
    for each in made:
        each.close()


def encodings(s):
    return {source: s.sample("weir_cache_encodings_total", "source", source) for source in ("kept", "made", "copied", "missing")}


def check_gzip(got, body):
    assert got.field(b"content-encoding") == b"gzip" and gzip.decompress(got.body) == body
    assert len(got.body) < len(body) / 3


def test_a_page_is_encoded_once_for_all(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG, b"Accept-Ranges: bytes"))
    first = s.get(b"/", GZIP)
    check_gzip(first, PAGE)
    assert status_of(first) == b"weir; fwd=uri-miss; ttl=600; stored"
    for _ in range(5):
        hit = s.get(b"/", GZIP)
        check_gzip(hit, PAGE)
        assert status_of(hit).startswith(b"weir; hit")
        assert hit.field(b"etag") == b'W/"v1"' and hit.field(b"vary") == b"Accept-Encoding"
        assert hit.field(b"content-length") == b"%d" % len(hit.body), "its length is known"
        assert hit.field(b"accept-ranges") is None and hit.field(b"age") is not None
    assert encodings(s) == {"kept": 5, "made": 0, "copied": 1, "missing": 0}
    assert len(s.asked) == 1


def test_each_coding_is_made_when_it_is_asked_for(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG))
    plain = s.get(b"/", NONE)
    assert plain.body == PAGE and plain.field(b"content-encoding") is None
    for _ in range(3):
        check_gzip(s.get(b"/", GZIP), PAGE)
        assert s.get(b"/", BR).field(b"content-encoding") == b"br"
    assert encodings(s) == {"kept": 4, "made": 2, "copied": 0, "missing": 0}
    again = s.get(b"/", NONE)
    assert again.body == PAGE and again.field(b"etag") == b'"v1"' and again.field(b"vary") == b"Accept-Encoding"
    assert len(s.asked) == 1


def test_conditions_of_those_who_have_an_encoding(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG))
    s.get(b"/", GZIP)
    for tag in (b'W/"v1"', b'"v1"'):
        got = s.get(b"/", GZIP, b"If-None-Match: " + tag)
        assert got.status == 304 and got.field(b"etag") == tag and got.field(b"vary") == b"Accept-Encoding"
        assert got.field(b"content-encoding") is None
    check_gzip(s.get(b"/", GZIP, b'If-None-Match: "v0"'), PAGE)
    assert len(s.asked) == 1


def test_parts_are_parts_of_what_the_origin_sent(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG))
    s.get(b"/", GZIP)
    part = s.get(b"/", GZIP, b"Range: bytes=10-99")
    assert part.status == 206 and part.body == PAGE[10:100] and part.field(b"etag") == b'"v1"'
    assert part.field(b"content-encoding") is None and part.field(b"vary") == b"Accept-Encoding"
    whole = s.get(b"/", GZIP, b"Range: bytes=10-99", b'If-Range: W/"v1"')
    assert whole.status == 200 and whole.body == PAGE, "a weak tag names no bytes"


def test_head_is_told_what_get_would_be(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG))
    s.get(b"/", NONE)
    before = s.get(b"/", GZIP, method=b"HEAD")
    assert before.field(b"content-encoding") == b"gzip" and before.field(b"content-length") is None
    assert encodings(s)["made"] == 0
    length = len(s.get(b"/", GZIP).body)
    after = s.get(b"/", GZIP, method=b"HEAD")
    assert after.field(b"content-encoding") == b"gzip" and after.field(b"content-length") == b"%d" % length
    assert after.field(b"etag") == b'W/"v1"'


def test_a_freshened_response_keeps_its_encodings(site):
    def script(path, fields, _):
        if fields.get(b"if-none-match") == b'"v1"':
            return not_modified(STALE % b"", TAG)
        return answer(PAGE, STALE % b"", HTML, TAG)

    s = site(script)
    check_gzip(s.get(b"/", GZIP), PAGE)
    for _ in range(3):
        got = s.get(b"/", GZIP)
        check_gzip(got, PAGE)
        assert b"fwd-status=304" in status_of(got)
    assert encodings(s) == {"kept": 3, "made": 0, "copied": 1, "missing": 0}


def test_a_changed_response_loses_them(site):
    version = [0]

    def script(path, fields, method):
        if method == b"POST":
            version[0] += 1
            return answer(b"done")
        return answer(PAGE + b"%d" % version[0], FRESH, HTML, b'ETag: "%d"' % version[0])

    s = site(script)
    for number in (0, 1, 2):
        for line in (NONE, GZIP, GZIP):
            got = s.get(b"/", line)
        check_gzip(got, PAGE + b"%d" % number)
        assert got.field(b"etag") == b'W/"%d"' % number
        s.get(method=b"POST")
    assert encodings(s)["made"] == 3


def test_an_answer_from_the_store_for_a_failing_origin_is_compressed_too(site):
    failing = []
    s = site(lambda *_: answer(b"", status=b"503 Busy") if failing else answer(PAGE, STALE % b"", HTML, TAG),
             "{ stale_on_error: 10min }")
    s.get(b"/", GZIP)
    failing.append(True)
    got = s.get(b"/", GZIP)
    check_gzip(got, PAGE)
    assert b"stale-if-error" in status_of(got) and encodings(s)["kept"] == 1


def test_what_the_origin_compressed_is_left_alone(site):
    coded = gzip.compress(PAGE)
    s = site(lambda *_: answer(coded, FRESH, HTML, TAG, b"Content-Encoding: gzip", b"Vary: Accept-Encoding"))
    for _ in range(2):
        got = s.get(b"/", GZIP)
        assert got.body == coded and got.field(b"etag") == b'"v1"' and got.all(b"content-encoding") == [b"gzip"]
    assert encodings(s) == dict.fromkeys(("kept", "made", "copied", "missing"), 0)


def test_what_is_not_worth_it_or_forbidden_goes_as_it_is(site):
    kinds = {b"/short": answer(b"short", FRESH, HTML), b"/image": answer(PAGE, FRESH, b"Content-Type: image/png"),
             b"/asis": answer(PAGE, FRESH + b", no-transform", HTML)}
    s = site(lambda path, *_: kinds[path])
    for path in kinds:
        for _ in range(2):
            assert s.get(path, GZIP).field(b"content-encoding") is None
    assert encodings(s) == dict.fromkeys(("kept", "made", "copied", "missing"), 0)


def test_every_variant_has_its_own(site):
    s = site(lambda path, fields, _: answer(fields[b"accept-language"] + PAGE, FRESH, HTML, b"Vary: Accept-Language"))
    for _ in range(2):
        for language in (b"de", b"fr"):
            got = s.get(b"/", GZIP, b"Accept-Language: " + language)
            check_gzip(got, language + PAGE)
            assert b"accept-encoding" in b",".join(got.all(b"vary")).lower()
    assert encodings(s) == {"kept": 2, "made": 0, "copied": 2, "missing": 0}


def many(count, work):
    results = [None] * count

    def run(i):
        results[i] = work(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return results


def test_a_large_page_that_many_ask_for_is_encoded_once(site):
    s = site(lambda *_: answer(LARGE, FRESH, HTML, TAG))
    s.get(b"/", NONE)
    results = many(30, lambda i: s.get(b"/", GZIP))
    # Who came while it took longer than a quarter of a second got it as it is.
    assert all((gzip.decompress(each.body) if each.field(b"content-encoding") else each.body) == LARGE for each in results)
    s.node.wait(lambda: encodings(s)["made"] == 1, 10, "it is encoded")
    check_gzip(s.get(b"/", GZIP), LARGE)
    assert encodings(s)["made"] == 1 and len(s.asked) == 1


def test_many_at_once_on_a_cold_page_cost_one_request_and_one_encoding(site):
    go = threading.Event()

    def script(*_):
        go.wait(20)
        return answer(PAGE, FRESH, HTML, TAG)

    s = site(script)
    release = threading.Timer(1.0, go.set)
    release.start()
    for each in many(60, lambda i: s.get(b"/hot", GZIP)):
        check_gzip(each, PAGE)
    counted = encodings(s)
    assert counted["copied"] + counted["made"] == 1 and counted["missing"] == 0
    assert s.count(b"/hot") == 1


def test_encodings_survive_a_restart(site):
    s = site(lambda *_: answer(PAGE, FRESH, HTML, TAG))
    check_gzip(s.get(b"/", GZIP), PAGE)
    s.node.wait(lambda: s.stats()["disk"]["objects"] >= 2, 20, "both are on disk")
    s.stop_origin()
    s.restart()
    s.node.wait(lambda: s.get(b"/", GZIP).status == 200, 20, "it is found")
    check_gzip(s.get(b"/", GZIP), PAGE)
    counted = encodings(s)
    assert counted["kept"] >= 2 and counted["made"] == 0
