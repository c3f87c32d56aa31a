#include "kernel/plugins/configuration.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "kernel/config/json_schema.hpp"
#include "kernel/config/show.hpp"
#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

/// A server folder with two plugins: a database, and one that needs it and a token.
class Installation {
 public:
  Installation() {
    scratch_.write("plugins/database-sqlite/plugin.toml",
                   "id = \"database-sqlite\"\nversion = \"1.0.0\"\nsdk = \"0.1\"\ndescription = \"Data.\"\nprovides = [\"database/1\"]\n");
    scratch_.write("plugins/mail/plugin.toml",
                   "id = \"mail\"\nversion = \"1.0.0\"\nsdk = \"0.1\"\ndescription = \"Mail.\"\nrequires = [\"database/1\"]\n"
                   "[settings.token]\ntype = \"string\"\nsecret = true\nrequired = true\ndoc = \"The token.\"\n"
                   "[settings.max_wait]\ntype = \"duration\"\ndefault = \"5s\"\ndoc = \"A wait.\"\n");
    scratch_.write("plugins/plugins.lock", "[sha256]\n\"mail\" = \"" + std::string(64, 'a') + "\"\n");
  }

  ConfigurationResult read(const std::string& text, std::vector<std::string> overrides = {}) {
    file_ = scratch_.write("driftstack.toml", text).string();
    ConfigurationInput input;
    input.sources = {file_, std::move(overrides)};
    input.default_plugins_dir = scratch_.path() / "plugins";
    input.secrets.user = ::geteuid();
    input.secrets.environment = [](const std::string& name) {
      return name == "MAIL_TOKEN" ? std::optional<std::string>("s3cret") : std::nullopt;
    };
    return read_configuration(input);
  }
  /// The findings without the name of the scratch folder.
  std::vector<std::string> lines(const std::string& text, std::vector<std::string> overrides = {}) {
    std::vector<std::string> out;
    for (const Finding& finding : read(text, std::move(overrides)).findings) {
      std::string line = finding.line();
      for (std::size_t at = line.find(scratch_.path().string()); at != std::string::npos; at = line.find(scratch_.path().string())) {
        line.replace(at, scratch_.path().string().size() + 1, "");
      }
      out.push_back(line);
    }
    return out;
  }
  const ScratchFolder& scratch() const { return scratch_; }

 private:
  ScratchFolder scratch_;
  std::string file_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a whole configuration is read with the settings of its plugins") {
  Installation server;
  const auto result =
      server.read("schema = 1\n[plugins.mail]\nenabled = true\ntoken = { env = \"MAIL_TOKEN\" }\n", {"plugins.mail.max_wait=\"9s\""});
  for (const Finding& finding : result.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(result.ok());
  const ServerConfiguration& configuration = result.configuration;
  CHECK(configuration.selection.order == Lines{"database-sqlite", "mail"});
  CHECK(configuration.settings.table("plugins").table("mail").duration("max_wait") == std::chrono::seconds(9));
  CHECK(configuration.pins.at("mail").sha256 == std::string(64, 'a'));
  CHECK(configuration.packages.size() == 2);
}

TEST_CASE("mistakes in the configuration of plugins are findings with their places") {
  Installation server;
  const std::string mail = "schema = 1\n[plugins.mail]\nenabled = true\n";
  CHECK(server.lines(mail) == Lines{"driftstack.toml:2:1: plugins.mail.token: missing; this string is required: The token."});
  CHECK(server.lines(mail + "token = { env = \"NO_SUCH\" }\n") ==
        Lines{"driftstack.toml:4:9: plugins.mail.token: the environment has no variable \"NO_SUCH\", which should hold this secret"});
  CHECK(server.lines(mail + "token = \"hunter2\"\n") == Lines{"driftstack.toml:4:9: plugins.mail.token: a secret never stands in the "
                                                              "configuration itself; write { env = \"NAME\" }, { file = \"path\" } or "
                                                              "{ credential = \"name\" }"});
  CHECK(server.lines("schema = 1\n[plugins.mial]\nenabled = true\n") ==
        Lines{"driftstack.toml:2:10: plugins.mial: unknown plugin; did you mean \"mail\"?"});
  CHECK(server.lines("schema = 1\n", {"plugins.mail.max_wait=\"9 parsecs\""}) ==
        Lines{"--set: plugins.mail.max_wait: \"9 parsecs\" is not a duration; write a number with ms, s, m, h or d, for example \"5m\""});
}

TEST_CASE("a plugin that is off is not missed, and its secret is not fetched") {
  Installation server;
  CHECK(server.lines("schema = 1\n").empty());
  CHECK(server.lines("schema = 1\n[plugins.mail]\ntoken = { env = \"NO_SUCH\" }\n").empty());
}

TEST_CASE("findings of every kind come together, in the order of their places") {
  Installation server;
  CHECK(server.lines("schema = 1\n[server]\nlisten = \"0.0.0.0:80\"\nhead_timeout = 5\n[roles]\ndatabase = \"nothing\"\n") ==
        Lines{"driftstack.toml:3:10: server.listen: \"0.0.0.0:80\" can be reached from other machines without TLS; set "
              "server.tls_certificate and "
              "server.tls_key, name the proxy that ends TLS in server.trusted_proxies, or listen on 127.0.0.1",
              "driftstack.toml:4:16: server.head_timeout: 5 is not a duration; write a number with ms, s, m, h or d, for example \"5m\"",
              "driftstack.toml:6:12: roles.database: \"nothing\": unknown plugin; known here: \"database-sqlite\", \"mail\""});
}

TEST_CASE("values of quite wrong types do not stop the other checks") {
  Installation server;
  CHECK(server.lines("schema = 1\nserver = 5\nroles = \"x\"\nplugins = []\nlog = 1\n").size() == 4);
  CHECK(server.lines("schema = 1\n[roles]\ndatabase = 5\n[server]\ntrusted_proxies = 5\n").size() == 2);
}

TEST_CASE("broken TOML is the only finding, and the schema is there all the same") {
  Installation server;
  CHECK(server.lines("schema = \n").size() == 1);
  CHECK(json_schema(server.read("schema = \n").configuration.schema).find("\"max_wait\"") != std::string::npos);
}

TEST_CASE("a plugin whose manifest is broken keeps its table, so that only its own failure speaks") {
  Installation server;
  server.scratch().write("plugins/mail/plugin.toml", "id = 5\n");
  const auto result = server.read("schema = 1\n[plugins.mail]\nenabled = true\nanything = 1\n");
  CHECK(result.ok());
  CHECK(result.configuration.selection.order == Lines{"database-sqlite", "mail"});
}

TEST_CASE("a plugin may live in a folder of its own") {
  Installation server;
  const auto manifest =
      server.scratch().write("own/plugin.toml", "id = \"extra\"\nversion = \"1.0.0\"\nsdk = \"0.1\"\ndescription = \"Extra.\"\n");
  const auto result = server.read("schema = 1\n[plugins.extra]\nenabled = true\npackage = \"" + manifest.parent_path().string() + "\"\n");
  for (const Finding& finding : result.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(result.ok());
  CHECK(result.configuration.selection.order == Lines{"database-sqlite", "extra"});
}

TEST_CASE("config show of the whole configuration names plugins, defaults and origins") {
  Installation server;
  const auto result = server.read("schema = 1\n");
  const std::string text = show_text(shown_settings(result.configuration.document, result.configuration.schema), ShowOrigin::yes);
  CHECK(text.find("server.listen = \"127.0.0.1:8080\"  # default\n") != std::string::npos);
  CHECK(text.find("plugins.mail.max_wait = \"5s\"  # default\n") != std::string::npos);
}

TEST_CASE("a plugins folder or pins file that others could change is a finding at plugins_dir") {
  Installation server;
  std::filesystem::permissions(server.scratch().path() / "plugins/plugins.lock", std::filesystem::perms::all);
  CHECK(server.lines("schema = 1\n") == Lines{"default: plugins_dir: plugins/plugins.lock can be written by everyone; run: chmod o-w"});
}
