"""An error of the server itself says nothing of its inside (platform.md 2)."""
import sqlite3
import subprocess

from test_transport import assert_problem


def break_table(server, table):
    """As a broken disk or an operator's mistake would."""
    if server.database_url:
        subprocess.run(["psql", "-q", "-d", server.database_url, "-c", f"DROP TABLE {table}"], check=True, capture_output=True)
        return
    with sqlite3.connect(server.data / "plugins" / "database-sqlite" / "driftstack.sqlite", timeout=10) as connection:
        connection.execute(f"DROP TABLE {table}")


def test_a_broken_table_is_an_internal_error_without_its_text(make_server):
    server = make_server(egress=False)
    client = server.client()
    assert client.get("/v1/profiles").status == 200
    break_table(server, "profiles")
    for answer in (client.get("/v1/profiles"), client.post("/v1/profiles", {"name": "p"})):
        assert_problem(answer, 500, "internal")
        text = answer.body.decode().lower()
        assert not [word for word in ("profiles", "select", "table", "sql", "relation") if word in text.replace("/v1/profiles", "")], text
    assert client.get("/v1/sessions").status == 200, "the rest of the server goes on"
    assert "profiles" in server.log_text(), "the operator reads the reason"
