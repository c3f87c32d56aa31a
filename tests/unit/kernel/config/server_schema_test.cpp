#include "kernel/config/server_schema.hpp"

#include <catch2/catch.hpp>

#include "kernel/config/check.hpp"
#include "kernel/config/document.hpp"

using namespace driftstack::kernel;

namespace {

const std::vector<RoleDescription> kRoles{{"database", "database-sqlite", "Where data is kept."}};

std::vector<PluginDescription> plugins(bool active) {
  Setting url;
  url.name = "url";
  url.type = SettingType::url;
  url.doc = "Where it is.";
  url.required = true;
  return {{"database-postgres", "PostgreSQL.", {url}, active}};
}

CheckResult check_text(const std::string& text, bool active = true) {
  const auto parsed = parse_toml(text, "d.toml");
  REQUIRE(parsed.ok());
  return check(*parsed.value, whole_schema(kRoles, plugins(active)));
}

std::vector<std::string> rule_lines(const std::string& server) {
  const CheckResult result = check_text("schema = 1\n[server]\n" + server, false);
  for (const Finding& finding : result.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(result.ok());
  std::vector<std::string> lines;
  for (const Finding& finding : check_server_rules(result.settings)) lines.push_back(finding.line());
  return lines;
}

}  // namespace

TEST_CASE("schema = 1 alone is a whole configuration, on loopback") {
  const CheckResult result = check_text("schema = 1\n", false);
  REQUIRE(result.ok());
  CHECK(result.settings.table("server").string("listen") == "127.0.0.1:8080");
  CHECK(result.settings.table("server").boolean("hsts"));
  CHECK(result.settings.table("roles").string("database") == "database-sqlite");
  CHECK(result.settings.table("log").string("level") == "info");
  CHECK(check_server_rules(result.settings).empty());
}

TEST_CASE("the layout version is required and must be one that this server reads") {
  CHECK(check_text("", false).findings.front().line() ==
        "d.toml:1:1: schema: missing; this integer is required: Version of this file's layout. Write schema = 1.");
  CHECK(check_text("schema = 2", false).findings.front().line() ==
        "d.toml:1:10: schema: 2 is above the maximum 1; write a value from 1 to 1");
}

TEST_CASE("an unknown plugin is suggested by name, an unknown role too") {
  CHECK(check_text("schema = 1\n[plugins.database-postgress]\n", false).findings.front().line() ==
        "d.toml:2:10: plugins.database-postgress: unknown plugin; did you mean \"database-postgres\"?");
  CHECK(check_text("schema = 1\n[roles]\ndatabse = \"x\"\n", false).findings.front().line() ==
        "d.toml:3:1: roles.databse: unknown key; did you mean \"database\"?");
}

TEST_CASE("an inactive plugin's settings are checked but none is missed") {
  CHECK(check_text("schema = 1\n", true).findings.size() == 1);
  CHECK(check_text("schema = 1\n", false).ok());
  CHECK(check_text("schema = 1\n[plugins.database-postgres]\nurl = \"nowhere\"\n", false).findings.size() == 1);
}

TEST_CASE("the first look takes any plugin table and reads what every plugin has") {
  const auto parsed = parse_toml("schema = 1\n[plugins.unheard-of]\nenabled = true\nanything = 5\n", "d.toml");
  const CheckResult result = check(*parsed.value, first_look_schema(kRoles));
  REQUIRE(result.ok());
  CHECK(result.settings.table("plugins").table("unheard-of").boolean("enabled"));
  CHECK(result.settings.table("plugins").table("unheard-of").boolean("required"));
}

TEST_CASE("a bind that others can reach needs TLS or a named proxy") {
  const std::string tail =
      " can be reached from other machines without TLS; set server.tls_certificate and server.tls_key, name the proxy that ends TLS in "
      "server.trusted_proxies, or listen on 127.0.0.1";
  for (const std::string listen : {"0.0.0.0:80", "[::]:80", "192.0.2.1:80", "api.example:80"}) {
    CAPTURE(listen);
    const auto lines = rule_lines("listen = \"" + listen + "\"\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines.front() == "d.toml:3:10: server.listen: \"" + listen + "\"" + tail);
  }
  for (const std::string server : {"listen = \"127.0.0.1:80\"\n", "listen = \"[::1]:80\"\n", "listen = \"localhost:80\"\n",
                                   "listen = \"0.0.0.0:443\"\ntls_certificate = \"/c.pem\"\ntls_key = { file = \"/k.pem\" }\n",
                                   "listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.1.2.3\"]\n"}) {
    CAPTURE(server);
    CHECK(rule_lines(server).empty());
  }
}

TEST_CASE("a proxy range that trusts everyone is refused, its narrow twin is taken") {
  for (const std::string range :
       {"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/8", "::ffff:0:0/96", "fc00::/6", "::ffff:0.0.0.0/103"}) {
    CAPTURE(range);
    const auto lines = rule_lines("trusted_proxies = [\"" + range + "\"]\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines.front() ==
          "d.toml:3:19: server.trusted_proxies: \"" + range +
              "\" trusts far more than a proxy of yours, so anyone could forge a client address; name the proxy's own address");
  }
  for (const std::string range : {"10.0.0.0/8", "fc00::/7", "192.0.2.1", "::ffff:10.0.0.0/104", "::1"}) {
    CAPTURE(range);
    CHECK(rule_lines("trusted_proxies = [\"" + range + "\"]\n").empty());
  }
}

TEST_CASE("rules between keys name the key and the way out") {
  struct Row {
    std::string server, line;
  };
  const Row rows[] = {
      {"tls_certificate = \"/c\"", "d.toml:3:19: server.tls_certificate: TLS needs server.tls_key as well"},
      {"tls_key = { env = \"K\" }", "d.toml:3:11: server.tls_key: TLS needs server.tls_certificate as well"},
      {"cors_origins = [\"https://a.example/\"]",
       "d.toml:3:16: server.cors_origins: \"https://a.example/\" is not an origin; write scheme://host[:port] and nothing behind it, for "
       "example "
       "\"https://app.example.org\""},
      {"public_url = \"https://a.example/x\"",
       "d.toml:3:14: server.public_url: \"https://a.example/x\" is not a base URL; write scheme://host[:port] without a trailing slash, "
       "for example "
       "\"https://api.example.org\""},
      {"public_url = \"ftp://a.example\"",
       "d.toml:3:14: server.public_url: \"ftp://a.example\" is not a base URL; write scheme://host[:port] without a trailing slash, for "
       "example "
       "\"https://api.example.org\""},
      {"allowed_hosts = [\"*\"]",
       "d.toml:3:17: server.allowed_hosts: \"*\" is not a host name; write it as clients send it, for example \"api.example.org\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.server);
    const auto lines = rule_lines(row.server + "\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines.front() == row.line);
  }
  CHECK(rule_lines("public_url = \"https://a.example\"\ncors_origins = [\"http://localhost:3000\"]\nallowed_hosts = [\"a.example\"]\n")
            .empty());
}

TEST_CASE("the server's own plugin keys are reserved") {
  CHECK(reserved_plugin_keys() == std::vector<std::string>{"enabled", "package", "private_targets", "required", "sha256"});
}
