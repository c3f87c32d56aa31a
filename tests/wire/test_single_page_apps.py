"""Applications of other people, each with another framework, used through the API as a person uses them: add, tick, filter, edit, delete, reload."""
import json

import pytest

from conftest import DATABASE
from server import wait_until
from test_sessions import navigate, operate, tap

pytestmark = pytest.mark.skipif(DATABASE != "sqlite", reason="a page does not see the database")

# What todomvc.com asks of each: the same elements, the state in localStorage, so that one user can walk through all.
APPS = ["backbone", "react", "angularjs", "vue", "knockoutjs", "mithril", "vanillajs", "canjs"]
ITEMS = "#todo-list > li"


class Person:
    def __init__(self, client, session, url):
        self.client, self.session, self.url = client, session, url

    def open(self):
        assert navigate(self.client, self.session, self.url)["status"] == 200
        self.sees("#new-todo")

    def act(self, kind, **action):
        answer = operate(self.client, self.session, "interact", {"action": {"kind": kind, **action}, "timeout_ms": 10000})
        assert answer.status == 200, (kind, action, answer.body)

    def sees(self, selector):
        answer = operate(self.client, self.session, "wait", {"condition": {"kind": "selector", "selector": selector}, "timeout_ms": 10000})
        assert answer.json["satisfied"], selector

    def misses(self, selector):
        answer = operate(self.client, self.session, "wait", {"condition": {"kind": "selector_hidden", "selector": selector}, "timeout_ms": 10000})
        assert answer.json["satisfied"], selector

    def stored(self):
        """Everything that the application keeps for the next visit."""
        return json.dumps(self.client.get(f"/v1/sessions/{self.session}/state").json["local_storage"])

    def add(self, title):
        self.act("type", selector="#new-todo", text=title)
        self.act("press", key="Enter")
        self.sees(f"text={title}")

    def filter(self, name):
        self.act("tap", selector={"All": "#filters li:first-child a"}.get(name, f"#filters a[href$='{name.lower()}']"))

    def double_tap(self, selector, until):
        """Two taps in a moment are a double click. On a machine that is busy the moment may pass between them, so as people do: again."""
        for _ in range(5):
            for _ in (1, 2):
                self.act("tap", selector=selector)
            if operate(self.client, self.session, "wait", {"condition": {"kind": "selector", "selector": until}, "timeout_ms": 1000}).json["satisfied"]:
                return
        raise AssertionError(f"no double click on {selector}")


def keeps(person, title, but_not):
    """Some applications write half a second after the change."""
    wait_until(lambda: title in (stored := person.stored()) and but_not not in stored, what=f"the application to keep {title} and not {but_not}")


@pytest.fixture
def person(client, session, site, request):
    one = Person(client, session, site.url(f"/examples/{request.param}/index.html"))
    one.open()
    return one


@pytest.mark.parametrize("person", APPS, indirect=True)
def test_a_person_keeps_a_list_of_todos(person):
    for title in ("buy milk", "write letter", "call Ada"):
        person.add(title)
    person.act("tap", selector=f"{ITEMS}:nth-child(2) .toggle")
    person.sees(f"{ITEMS}.completed:nth-child(2)")

    person.filter("Active")
    person.misses("text=write letter")
    person.sees("text=buy milk")
    person.filter("Completed")
    person.sees("text=write letter")
    person.misses("text=buy milk")
    person.filter("All")
    person.sees("text=call Ada")

    person.double_tap(f"{ITEMS}:nth-child(1) label", until=f"{ITEMS}:nth-child(1).editing")
    person.act("clear", selector=f"{ITEMS}:nth-child(1) .edit")
    person.act("type", selector=f"{ITEMS}:nth-child(1) .edit", text="buy oat milk")
    person.act("press", key="Enter")
    person.sees("text=buy oat milk")
    person.misses("text=buy milk")

    person.act("hover", selector=f"{ITEMS}:nth-child(3)")
    person.act("tap", selector=f"{ITEMS}:nth-child(3) .destroy")
    person.misses("text=call Ada")

    keeps(person, "buy oat milk", but_not="call Ada")
    person.open()
    person.sees("text=buy oat milk")
    person.sees(f"{ITEMS}.completed:nth-child(2)")
    person.misses("text=call Ada")
    person.act("tap", selector="#clear-completed")
    person.misses("text=write letter")
    keeps(person, "buy oat milk", but_not="write letter")
    person.open()
    person.sees("text=buy oat milk")
    person.misses("text=write letter")
