"""search and login (sessions.md 4.10 and 4.11), with a real browser and a local site."""
import threading

import pytest

from server import wait_until
from test_transport import assert_problem

UNKNOWN = "ses_00000000-0000-4000-8000-000000000000"
NAME, PASSWORD = "ada@example.com", "correct horse"


def operate(client, session, operation, body):
    return client.post(f"/v1/sessions/{session}/{operation}", body)


def show(client, session, url):
    answer = operate(client, session, "navigate", {"url": url})
    assert answer.status == 200, answer.body


def url_of(client, session):
    return client.get(f"/v1/sessions/{session}/state").json["url"]


def text_of(client, session, selector):
    answer = operate(client, session, "extract", {"extractions": [{"name": "text", "selector": selector, "type": "text"}]})
    return answer.json["value"]["text"]


# ---------------------------------------------------------------- search

def test_a_search_finds_the_field_replaces_what_it_held_submits_and_sees_results(client, session, site):
    show(client, session, site.url("/search.html"))
    answer = operate(client, session, "search", {"query": "tea & “cake”", "wait_for_results_selector": "#results li"})
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"submitted", "query_truncated", "results_visible", "duration_ms"}
    assert answer.json["submitted"] is True and answer.json["query_truncated"] is False and answer.json["results_visible"] is True
    assert 0 <= answer.json["duration_ms"] <= 600000
    assert text_of(client, session, "#results li") == "tea & “cake”"


def test_a_search_without_submit_stays_on_its_page_and_results_that_never_come_are_no_error(client, session, site):
    show(client, session, site.url("/search.html"))
    typed = operate(client, session, "search", {"query": "tea", "submit": False})
    assert typed.status == 200 and set(typed.json) == {"submitted", "query_truncated", "duration_ms"}
    assert typed.json["submitted"] is False and typed.json["query_truncated"] is False
    assert url_of(client, session) == site.url("/search.html")
    late = operate(client, session, "search", {"query": "tea", "wait_for_results_selector": "#never", "timeout_seconds": 1})
    assert late.status == 200 and late.json["submitted"] is True and late.json["results_visible"] is False
    assert url_of(client, session) == site.url("/found?q=tea")


def test_a_query_that_its_field_does_not_take_is_not_submitted(client, session, site):
    show(client, session, site.url("/search.html"))
    cut = operate(client, session, "search", {"query": "longer than five", "search_selector": "#short", "wait_for_results_selector": "#results"})
    assert cut.status == 200
    assert {key: value for key, value in cut.json.items() if key != "duration_ms"} == {"submitted": False, "query_truncated": True}
    assert url_of(client, session) == site.url("/search.html")
    whole = operate(client, session, "search", {"query": "five5", "search_selector": "#short"})
    assert whole.json["submitted"] is True


# ---------------------------------------------------------------- login

def test_a_login_finds_its_fields_and_says_where_it_came(client, session, site):
    show(client, session, site.url("/login.html"))
    answer = operate(client, session, "login", {"username": NAME, "password": PASSWORD})
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"submitted", "credentials_truncated", "logged_in", "post_login_url", "duration_ms"}
    assert answer.json["submitted"] is True and answer.json["credentials_truncated"] is False and answer.json["logged_in"] is True
    assert answer.json["post_login_url"] == site.url("/welcome")


def test_a_login_by_selectors_is_a_success_when_its_mark_is_seen(client, session, site):
    show(client, session, site.url("/login.html"))
    answer = operate(client, session, "login", {"username": NAME, "password": PASSWORD, "username_selector": "#name", "password_selector": "#secret",
                                                "submit_selector": "#enter", "success_selector": "#home"})
    assert answer.status == 200 and answer.json["logged_in"] is True, answer.body


@pytest.mark.parametrize("mark", [{}, {"success_selector": "#home"}])
def test_a_wrong_password_is_an_answer_and_the_session_lives_on(client, session, site, mark):
    show(client, session, site.url("/login.html"))
    answer = operate(client, session, "login", {"username": NAME, "password": "wrong", "timeout_seconds": 1, **mark})
    assert answer.status == 200 and answer.json["submitted"] is True and answer.json["logged_in"] is False
    assert answer.json["post_login_url"] == site.url("/login.html?again")
    assert operate(client, session, "login", {"username": NAME, "password": PASSWORD}).json["logged_in"] is True


def test_credentials_that_a_field_does_not_take_are_not_submitted(client, session, site):
    show(client, session, site.url("/login-short.html"))
    posts = len(site.posts)
    answer = operate(client, session, "login", {"username": NAME, "password": PASSWORD})
    assert answer.status == 200
    assert {key: value for key, value in answer.json.items() if key != "duration_ms"} == {
        "submitted": False, "credentials_truncated": True, "logged_in": False}
    assert len(site.posts) == posts


# ---------------------------------------------------------------- both

def test_bounds_are_checked_before_the_session_is_looked_up(client):
    for operation, body, field in (
            ("search", {}, "query"), ("search", {"query": ""}, "query"), ("search", {"query": "x" * 10001}, "query"), ("search", {"query": "a\nb"}, "query"),
            ("search", {"query": "x", "timeout_seconds": 0}, "timeout_seconds"), ("search", {"query": "x", "timeout_seconds": 121}, "timeout_seconds"),
            ("search", {"query": "x", "search_selector": ""}, "search_selector"), ("search", {"query": "x", "submit": "yes"}, "submit"),
            ("login", {"password": "x"}, "username"), ("login", {"username": "x"}, "password"), ("login", {"username": "", "password": "x"}, "username"),
            ("login", {"username": "x", "password": ""}, "password"), ("login", {"username": "x", "password": "y", "timeout_seconds": 121}, "timeout_seconds"),
            ("login", {"username": "x", "password": "two\tparts"}, "password")):
        answer = operate(client, UNKNOWN, operation, body)
        assert_problem(answer, 400, "validation-failed")
        assert field in answer.json["detail"], (operation, body)
        assert "two" not in answer.json["detail"]
    assert_problem(operate(client, UNKNOWN, "search", {"query": "x"}), 404, "not-found")
    assert_problem(operate(client, UNKNOWN, "login", {"username": "x", "password": "y"}), 404, "not-found")


def test_a_selector_that_does_not_parse_is_refused_before_anything_is_typed(client, session, site):
    show(client, session, site.url("/login.html"))
    posts = len(site.posts)
    assert_problem(operate(client, session, "search", {"query": "x", "wait_for_results_selector": "##"}), 400, "bad-request")
    assert_problem(operate(client, session, "login", {"username": NAME, "password": PASSWORD, "success_selector": "##"}), 400, "bad-request")
    assert client.get(f"/v1/sessions/{session}").json["status"] == "ready"
    assert len(site.posts) == posts


def test_a_login_claims_the_session_and_a_destroy_beats_it(shared_server, client, site):
    session = client.post("/v1/sessions", {}).json["id"]
    show(client, session, site.url("/login.html"))
    outcome = []

    def log_in():
        with_own_connection = shared_server.client()
        outcome.append(operate(with_own_connection, session, "login",
                               {"username": NAME, "password": PASSWORD, "success_selector": "#never", "timeout_seconds": 60}))

    running = threading.Thread(target=log_in)
    running.start()
    wait_until(lambda: client.get(f"/v1/sessions/{session}").json["status"] == "busy", what="the login to begin")
    assert_problem(operate(client, session, "search", {"query": "x"}), 409, "conflict")
    assert client.delete(f"/v1/sessions/{session}").status == 204
    running.join(20)
    assert_problem(outcome[0], 410, "session-destroyed")
    assert_problem(operate(client, session, "search", {"query": "x"}), 410, "session-destroyed")


def test_neither_name_nor_password_nor_query_stand_in_the_log(make_server, site):
    server = make_server()
    client = server.client()
    session = client.post("/v1/sessions", {}).json["id"]
    secrets = ["name-7f3a@example.com", "password-91c2", "query-55d0"]
    for page, timeout in (("/login.html", 1), ("/login-short.html", 1)):
        show(client, session, site.url(page))
        operate(client, session, "login", {"username": secrets[0], "password": secrets[1], "timeout_seconds": timeout})
    show(client, session, site.url("/search.html"))
    operate(client, session, "search", {"query": secrets[2], "submit": False})
    operate(client, session, "login", {"username": secrets[0], "password": secrets[1] + "\n"})
    operate(client, UNKNOWN, "login", {"username": secrets[0], "password": secrets[1]})
    server.stop()
    text = server.log_text() + server.error_text()
    assert "/login" in text
    assert not [secret for secret in secrets if secret in text]
