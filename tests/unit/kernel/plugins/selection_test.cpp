#include "kernel/plugins/selection.hpp"

#include <catch2/catch.hpp>

#include "kernel/config/check.hpp"
#include "kernel/config/document.hpp"
#include "kernel/config/server_schema.hpp"

using namespace driftstack::kernel;

namespace {

const std::vector<Role> kRoles{{"database", {"database", 1}, "database-sqlite", "Data."}, {"mailer", {"mail.transport", 1}, "", "Mail."}};

struct Plugin {
  std::string id, provides, requirements, wishes;
};

std::vector<InterfaceName> names(const std::string& text) {
  std::vector<InterfaceName> out;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    out.push_back(*parse_interface(text.substr(start, end - start)));
    start = end + 1;
  }
  return out;
}

std::vector<Package> packages(const std::vector<Plugin>& plugins) {
  std::vector<Package> out;
  for (const Plugin& plugin : plugins) {
    Manifest manifest;
    manifest.id = plugin.id;
    manifest.provides = names(plugin.provides);
    manifest.required_interfaces = names(plugin.requirements);
    manifest.optional_interfaces = names(plugin.wishes);
    out.push_back({plugin.id, "/p/" + plugin.id, manifest, std::nullopt});
  }
  return out;
}

Checked<Selection> select(const std::string& text, const std::vector<Package>& installed) {
  const auto parsed = parse_toml("schema = 1\n" + text, "d.toml");
  REQUIRE(parsed.ok());
  std::vector<PluginDescription> descriptions;
  for (const Package& package : installed) descriptions.push_back({package.name, "", {}, true});
  const CheckResult checked = check(*parsed.value, whole_schema(role_descriptions(kRoles), descriptions));
  for (const Finding& finding : checked.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(checked.ok());
  return select_plugins(installed, checked.settings, kRoles);
}

std::vector<std::string> lines(const Checked<Selection>& selection) {
  std::vector<std::string> out;
  for (const Finding& finding : selection.findings) out.push_back(finding.line());
  return out;
}

const Plugin kSqlite{"database-sqlite", "database/1 health.check/1", "", ""};
const Plugin kPostgres{"database-postgres", "database/1 health.check/1", "", ""};
const Plugin kIdentity{"identity", "account.directory/1 http.routes/1", "database/1", "account.usage/1"};
const Plugin kSessions{"sessions", "account.usage/1 http.routes/1", "account.directory/1 database/1", ""};

}  // namespace

TEST_CASE("plugins are ordered by what they require, and a circle of wishes does not matter") {
  const auto selection = select("[plugins.identity]\nenabled = true\n[plugins.sessions]\nenabled = true\n",
                                packages({kSessions, kIdentity, kPostgres, kSqlite}));
  REQUIRE(selection.ok());
  CHECK(selection.value->order == std::vector<std::string>{"database-sqlite", "identity", "sessions"});
  CHECK(selection.value->providers == std::map<std::string, std::string>{{"database/1", "database-sqlite"},
                                                                         {"account.directory/1", "identity"},
                                                                         {"account.usage/1", "sessions"}});
}

TEST_CASE("one line of configuration swaps the plugin of a role") {
  const auto selection = select("roles.database = \"database-postgres\"", packages({kPostgres, kSqlite}));
  REQUIRE(selection.ok());
  CHECK(selection.value->order == std::vector<std::string>{"database-postgres"});
}

TEST_CASE("a default that is not installed, switched off or emptied leaves the role empty") {
  for (const char* text : {"", "roles.database = \"\""}) CHECK(select(text, packages({kPostgres})).value->order.empty());
  CHECK(select("[plugins.database-sqlite]\nenabled = false\n", packages({kSqlite})).value->order.empty());
}

TEST_CASE("each mistake of the choice is one line with its place and the way out") {
  const std::vector<Plugin> all{kSqlite,
                                kPostgres,
                                kIdentity,
                                kSessions,
                                {"other-directory", "account.directory/1", "", ""},
                                {"loop-a", "a/1", "b/1", ""},
                                {"loop-b", "b/1", "a/1", ""}};
  struct Row {
    std::string text, line;
  };
  const Row rows[] = {
      {"roles.database = \"database-postgre\"",
       "d.toml:2:18: roles.database: \"database-postgre\": unknown plugin; did you mean \"database-postgres\"?"},
      {"roles.database = \"sessions\"\nplugins.identity.enabled = true",
       "d.toml:2:18: roles.database: \"sessions\" does not provide database/1; \"database-sqlite\", \"database-postgres\" do"},
      {"roles.mailer = \"sessions\"\nplugins.identity.enabled = true",
       "d.toml:2:16: roles.mailer: \"sessions\" does not provide mail.transport/1; no installed plugin does"},
      {"roles.database = \"database-postgres\"\nplugins.database-postgres.enabled = false",
       "d.toml:3:37: plugins.database-postgres.enabled: \"database-postgres\" fills roles.database but is switched off; name another "
       "plugin there, or "
       "remove this line"},
      {"plugins.database-postgres.enabled = true",
       "d.toml:2:37: plugins.database-postgres.enabled: two plugins for the role roles.database: \"database-sqlite\" and "
       "\"database-postgres\"; enable one of "
       "them"},
      {"plugins.identity.enabled = true\nplugins.other-directory.enabled = true",
       "d.toml:3:35: plugins.other-directory.enabled: two plugins for interface account.directory/1: \"identity\" and \"other-directory\"; "
       "enable one of them"},
      {"roles.database = \"\"\nplugins.identity.enabled = true",
       "d.toml:2:18: roles.database: no plugin fills this role, and \"identity\" requires database/1; \"database-sqlite\", "
       "\"database-postgres\" do"},
      {"plugins.sessions.enabled = true",
       "d.toml:2:28: plugins.sessions.enabled: \"sessions\" requires account.directory/1, which no enabled plugin provides; \"identity\", "
       "\"other-directory\" do: "
       "write enabled = true under [plugins.identity]"},
      {"plugins.loop-a.enabled = true\nplugins.loop-b.enabled = true",
       "d.toml:2:26: plugins.loop-a.enabled: plugins require each other in a circle: loop-a -> loop-b -> loop-a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto found = lines(select(row.text, packages(all)));
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() == row.line);
  }
}

TEST_CASE("a wanted plugin whose manifest cannot be read is kept, so that its own failure is what gets reported") {
  auto installed = packages({kIdentity, kSqlite});
  installed[1].manifest.reset();
  installed[1].failure = PluginFailure{"database-sqlite", PluginStep::manifest, "broken"};
  const auto selection = select("plugins.identity.enabled = true", installed);
  REQUIRE(selection.ok());
  CHECK(selection.value->order == std::vector<std::string>{"database-sqlite", "identity"});
}

TEST_CASE("every known role names an interface and a default plugin") {
  for (const Role& role : known_roles()) {
    CAPTURE(role.key);
    CHECK_FALSE(role.interface.name.empty());
    CHECK(role.interface.revision >= 1);
    CHECK_FALSE(role.doc.empty());
  }
}
