"""The cache's conversations with the origin: validation, stale answers, invalidation, many clients at once.

Method: the origin's answers carry their own Age, so that nothing has to wait for time to pass: "max-age=1" with "Age: 5"
arrives stale. What happens in the background is waited for by what it leaves behind (a request at the origin, a changed
answer), with a deadline."""
import re
import threading
import time

import pytest

from support.cached_site import FRESH, STALE, CachedSite, answer, not_modified, status_of
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


# -- validation -----------------------------------------------------------------------------------

def test_a_stale_response_is_validated_and_freshened(site):
    def script(path, fields, _):
        if fields.get(b"if-none-match") == b'"v1"':
            return not_modified(FRESH, b'ETag: "v1"', b"X-New: 1")
        return answer(b"hello", STALE % b"", b'ETag: "v1"', b"X-Old: 1")

    s = site(script)
    s.get()
    second = s.get()
    assert second.status == 200 and second.body == b"hello"
    assert status_of(second) == b"weir; fwd=stale; fwd-status=304; ttl=600; stored"
    assert second.field(b"x-new") == b"1" and second.field(b"x-old") == b"1"
    assert status_of(s.get()).startswith(b"weir; hit")
    assert len(s.asked) == 2
    s.wait_metric("revalidated", 1)


def test_a_validation_that_brings_a_new_response_replaces_the_old(site):
    answers = [answer(b"one", STALE % b"", b'ETag: "v1"'), answer(b"two", FRESH, b'ETag: "v2"')]
    s = site(lambda *_: answers.pop(0))
    s.get()
    assert s.get().body == b"two"
    assert s.get().body == b"two"
    assert s.asked[1][2][b"if-none-match"] == b'"v1"'


def test_the_clients_own_condition_is_judged_against_what_was_validated(site):
    def script(path, fields, _):
        if fields.get(b"if-none-match") == b'"v1"':
            return not_modified(FRESH, b'ETag: "v1"')
        return answer(b"hello", STALE % b"", b'ETag: "v1"')

    s = site(script)
    s.get()
    assert s.get(b"/", b'If-None-Match: "v1"').status == 304
    assert s.asked[1][2][b"if-none-match"] == b'"v1"'
    got = s.get(b"/", b"Cache-Control: no-cache", b'If-None-Match: "other"')
    assert got.status == 200 and got.body == b"hello"
    assert status_of(got).startswith(b"weir; fwd=request; fwd-status=304")


def test_a_304_about_another_response_is_not_believed(site):
    answers = [answer(b"one", STALE % b"", b'ETag: "v1"'), not_modified(FRESH, b'ETag: "v9"'),
               answer(b"two", FRESH, b'ETag: "v9"')]
    s = site(lambda *_: answers.pop(0))
    s.get()
    assert s.get().body == b"two"
    assert b"if-none-match" not in s.asked[2][2]


def test_a_head_that_differs_drops_what_is_stored(site):
    def script(path, fields, method):
        if method == b"HEAD":
            tag = b'"v2"' if path == b"/changed" else b'"v1"'
            return b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: " + tag + b"\r\n\r\n"
        return answer(b"hello", STALE % b"", b'ETag: "v1"')

    s = site(script)
    for path, condition in ((b"/same", b'"v1"'), (b"/changed", None)):
        s.get(path)
        assert s.get(path, method=b"HEAD").status == 200
        s.get(path)
        assert s.asked[-1][2].get(b"if-none-match") == condition


def test_what_the_client_demands(site):
    s = site(lambda *_: answer(b"x", b"Cache-Control: max-age=600", b"Age: 100"))
    s.get()
    assert s.get(b"/", b"Cache-Control: max-age=200").field(b"age")
    assert len(s.asked) == 1
    s.get(b"/", b"Cache-Control: max-age=50")
    s.get(b"/", b"Cache-Control: min-fresh=590")
    s.get(b"/", b"Pragma: no-cache")
    assert len(s.asked) == 4
    assert s.get(b"/", b"Cache-Control: only-if-cached").status == 200
    assert s.get(b"/none", b"Cache-Control: only-if-cached").status == 504
    assert s.count(b"/none") == 0


# -- stale ----------------------------------------------------------------------------------------

def test_stale_while_revalidate_answers_at_once_and_fetches_behind(site):
    answers = [answer(b"one", STALE % b", stale-while-revalidate=60", b'ETag: "1"'), answer(b"two", FRESH)]
    s = site(lambda *_: answers.pop(0))
    s.get()
    second = s.get()
    assert second.body == b"one"
    assert re.fullmatch(rb"weir; hit; ttl=-\d+; detail=stale-while-revalidate", status_of(second))
    s.node.wait(lambda: s.get().body == b"two", 10, "the new response")
    assert len(s.asked) == 2 and s.asked[1][2][b"if-none-match"] == b'"1"'
    s.node.wait(lambda: s.metric("stale") >= 1, 10, "a stale answer is counted")


def test_a_fetch_behind_an_answer_carries_no_password_either(site, tmp_path):
    (tmp_path / "node0").mkdir()
    (tmp_path / "node0" / "users").write_text("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")  # "secret"
    answers = [answer(b"one", STALE % b", public, stale-while-revalidate=60"), answer(b"two", b"Cache-Control: public, max-age=600")]
    s = site(lambda *_: answers.pop(0), routes="    basic_auth: { users: users, user_header: X-User }\n")
    login = b"Authorization: Basic YW5uOnNlY3JldA=="
    assert s.get().status == 401
    assert s.get(b"/", login).body == b"one"
    assert s.get(b"/", login).body == b"one"
    s.node.wait(lambda: s.get(b"/", login).body == b"two", 10, "the new response")
    assert [fields.get(b"x-user") for _, _, fields in s.asked] == [b"ann", b"ann"]
    assert not any(b"authorization" in fields for _, _, fields in s.asked)


def test_stale_by_configuration(site):
    answers = [answer(b"one", STALE % b""), answer(b"two", FRESH)]
    s = site(lambda *_: answers.pop(0), "{ stale: 1min }")
    s.get()
    assert s.get().body == b"one"
    s.node.wait(lambda: s.get().body == b"two", 10, "the new response")


def test_a_failing_origin_is_covered_by_what_is_stale(site):
    answers = {b"/r": b", stale-if-error=60", b"/c": b"", b"/m": b", must-revalidate"}
    down = []

    def script(path, *_):
        return answer(b"oops", status=b"503 Service Unavailable") if down else answer(b"good", STALE % answers[path])

    s = site(script, "{ stale_on_error: 1min }")
    for path in answers:
        s.get(path)
    down.append(1)
    for path in (b"/r", b"/c"):
        got = s.get(path)
        assert got.status == 200 and got.body == b"good"
        assert re.fullmatch(rb"weir; fwd=stale; fwd-status=503; ttl=-\d+; detail=stale-if-error", status_of(got))
    assert s.get(b"/m").status == 503
    s.stop_origin()
    assert s.get(b"/c").body == b"good", "nobody listens there any more"
    assert s.get(b"/m").status in (502, 503, 504)
    assert s.get(b"/new").status in (502, 503, 504)


# -- invalidation ---------------------------------------------------------------------------------

def test_unsafe_requests_invalidate_what_they_change(site):
    counter = iter(range(1000))

    def script(path, fields, method):
        if method == b"POST":
            if path == b"/fails":
                return answer(b"", status=b"400 Bad Request")
            return answer(b"", b"Location: /other", b"Content-Location: http://a.example/third", status=b"201 Created")
        return answer(b"%d" % next(counter), FRESH, b"Vary: X-A")

    s = site(script, routes="""    routes:
      - { path: /, match: { methods: [POST] }, cache: "off", upstream: u }
""")
    paths = (b"/a", b"/other", b"/third", b"/unrelated", b"/fails")
    before = {path: s.get(path).body for path in paths}
    assert all(s.get(path).body == before[path] for path in paths)
    s.get(b"/a", method=b"POST", body=b"x")
    s.get(b"/fails", method=b"POST", body=b"x")
    changed = [path for path in paths if s.get(path).body != before[path]]
    assert changed == [b"/a", b"/other", b"/third"]


# -- many at once ---------------------------------------------------------------------------------

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


def test_two_hundred_cold_requests_are_one_at_the_origin(site):
    go = threading.Event()

    def script(*_):
        go.wait(20)
        return answer(b"hello", FRESH)

    s = site(script)

    def work(i):
        return s.get(b"/hot")

    release = threading.Timer(1.0, go.set)
    release.start()
    results = many(200, work)
    assert all(each.status == 200 and each.body == b"hello" for each in results)
    assert s.count(b"/hot") == 1
    collapsed = [each for each in results if b"collapsed" in status_of(each)]
    assert collapsed
    s.wait_metric("coalesced", len(collapsed))


def test_what_turns_out_private_does_not_hold_up_those_who_waited(site):
    first = threading.Event()

    def script(path, fields, _):
        if not first.is_set():
            first.wait(10)
        return answer(fields[b"x-who"], b"Cache-Control: private")

    s = site(script)
    release = threading.Timer(0.5, first.set)
    release.start()
    results = many(50, lambda i: s.get(b"/mine", b"X-Who: %d" % i))
    assert [each.body for each in results] == [b"%d" % i for i in range(50)]
    assert s.count(b"/mine") == 50
    begun = time.monotonic()
    many(20, lambda i: s.get(b"/mine", b"X-Who: %d" % i))
    assert time.monotonic() - begun < 4, "they waited for each other"


def test_a_leader_that_fails_makes_way_for_the_next(site):
    attempts = []
    go = threading.Event()

    def script(*_):
        attempts.append(1)
        if len(attempts) == 1:
            go.wait(10)

            def cut(exchange):
                exchange.send(b"HTTP/1.1 200 OK\r\n" + FRESH + b"\r\nContent-Length: 100\r\n\r\npart")
                raise EOFError

            return cut
        return answer(b"whole", FRESH)

    s = site(script)
    release = threading.Timer(0.5, go.set)
    release.start()

    def work(i):
        try:
            return s.get(b"/x").body
        except EOFError:
            return b"cut"

    results = many(20, work)
    assert sorted(set(results)) == [b"cut", b"whole"] and results.count(b"cut") == 1
    assert len(attempts) == 2


def test_a_leader_whose_client_leaves_makes_way_for_the_next(site):
    held = threading.Event()
    count = []

    def script(*_):
        count.append(1)
        if len(count) == 1:
            held.wait(10)
        return answer(b"hello", FRESH)

    s = site(script)
    leader = RawClient(s.port)
    leader.send(b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n")
    s.wait_asked(b"/x", 1)
    got = []
    follower = threading.Thread(target=lambda: got.append(s.get(b"/x")))
    follower.start()
    leader.close()
    follower.join(10)
    held.set()
    assert got and got[0].body == b"hello"
