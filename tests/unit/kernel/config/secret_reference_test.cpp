#include "kernel/config/secret_reference.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <map>
#include <type_traits>

#include "kernel/config/document.hpp"
#include "kernel/config/settings.hpp"
#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

SecretSources sources(std::map<std::string, std::string> variables, uid_t user = ::geteuid()) {
  SecretSources out;
  out.user = user;
  out.environment = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return out;
}

ConfigNode node(const std::string& value) {
  const auto parsed = parse_toml("token = " + value, "c.toml");
  REQUIRE(parsed.ok());
  return *parsed.value->find("token");
}

SecretReference reference(SecretReference::Kind kind, const std::string& name) {
  return {kind, name, "plugins.mail.token", Origin{"c.toml", 3, 9}};
}

std::string refusal(const SecretReference& wanted, const SecretSources& from) {
  const auto secret = resolve_secret(wanted, from);
  REQUIRE_FALSE(secret.value.has_value());
  REQUIRE(secret.findings.size() == 1);
  return secret.findings.front().line();
}

}  // namespace

static_assert(!std::is_copy_constructible_v<SecretText> && !std::is_copy_assignable_v<SecretText>);

TEST_CASE("a secret is written as one reference and nothing else") {
  CHECK(read_secret_reference(node("{ env = \"A\" }"), "token").value->kind == SecretReference::Kind::environment);
  CHECK(read_secret_reference(node("{ file = \"/k\" }"), "token").value->name == "/k");
  CHECK(read_secret_reference(node("{ credential = \"c\" }"), "token").value->kind == SecretReference::Kind::credential);
  const std::string forms = "write { env = \"NAME\" }, { file = \"path\" } or { credential = \"name\" }";
  struct Row {
    std::string value, line;
  };
  const Row rows[] = {
      {"\"hunter2\"", "c.toml:1:9: token: a secret never stands in the configuration itself; " + forms},
      {"5", "c.toml:1:9: token: a secret never stands in the configuration itself; " + forms},
      {"{}", "c.toml:1:9: token: a secret reference holds exactly one of env, file and credential; " + forms},
      {"{ env = \"A\", file = \"b\" }", "c.toml:1:9: token: a secret reference holds exactly one of env, file and credential; " + forms},
      {"{ value = \"hunter2\" }", "c.toml:1:9: token: a secret reference holds exactly one of env, file and credential; " + forms},
      {"{ env = 5 }", "c.toml:1:17: token: env is not a name; " + forms},
      {"{ env = \"\" }", "c.toml:1:17: token: env is not a name; " + forms},
      {"{ credential = \"../key\" }", "c.toml:1:24: token: credential is not a name; " + forms},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const auto read = read_secret_reference(node(row.value), "token");
    REQUIRE(read.findings.size() == 1);
    CHECK(read.findings.front().line() == row.line);
    CHECK(read.findings.front().line().find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a secret from the environment, and the variable that lacks it") {
  const auto wanted = reference(SecretReference::Kind::environment, "MAIL_TOKEN");
  CHECK(resolve_secret(wanted, sources({{"MAIL_TOKEN", "s3cret"}})).value->view() == "s3cret");
  CHECK(refusal(wanted, sources({})) ==
        "c.toml:3:9: plugins.mail.token: the environment has no variable \"MAIL_TOKEN\", which should hold this secret");
  CHECK(refusal(wanted, sources({{"MAIL_TOKEN", ""}})) ==
        "c.toml:3:9: plugins.mail.token: the environment variable \"MAIL_TOKEN\" is empty");
}

TEST_CASE("a secret's file is private, and each laxer twin is refused") {
  ScratchFolder folder;
  const auto file = folder.write("key", "s3cret\n", 0600);
  const auto wanted = reference(SecretReference::Kind::file, file.string());
  const std::string start = "c.toml:3:9: plugins.mail.token: the secret's file \"" + file.string() + "\" ";
  CHECK(resolve_secret(wanted, sources({})).value->view() == "s3cret");
  folder.write("key", "s3cret\r\n", 0400);
  CHECK(resolve_secret(wanted, sources({})).value->view() == "s3cret");
  for (const mode_t mode : {0640, 0604, 0644, 0660, 0700}) {
    folder.write("key", "s3cret", mode);
    CHECK(refusal(wanted, sources({})) == start + "can be read by others or run; run: chmod 0600");
  }
  folder.write("key", "", 0600);
  CHECK(refusal(wanted, sources({})) == start + "is empty");
  folder.write("key", std::string((64 << 10) + 1, 'x'), 0600);
  CHECK(refusal(wanted, sources({})) == start + "is larger than 64 KiB");
  std::filesystem::remove(file);
  CHECK(refusal(wanted, sources({})) == start + "cannot be opened: No such file or directory");
  std::filesystem::create_symlink(folder.write("other", "s3cret", 0600), file);
  CHECK(refusal(wanted, sources({})) == start + "is a link; name the file itself");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK(refusal(wanted, sources({})) == start + "is not a regular file");
}

TEST_CASE("a secret's file of another user is refused") {
  if (::geteuid() != 0) return;  // only root can give a file away
  ScratchFolder folder;
  const auto file = folder.write("key", "s3cret", 0600);
  REQUIRE(::chown(file.c_str(), 4711, 4711) == 0);
  CHECK(refusal(reference(SecretReference::Kind::file, file.string()), sources({}, 0))
            .ends_with("is owned by user 4711; it must be root or the server's user"));
  CHECK(resolve_secret(reference(SecretReference::Kind::file, file.string()), sources({}, 4711)).ok());
}

TEST_CASE("a credential comes from the folder that systemd names") {
  ScratchFolder folder;
  folder.write("token", "s3cret", 0440);
  const auto wanted = reference(SecretReference::Kind::credential, "token");
  CHECK(resolve_secret(wanted, sources({{"CREDENTIALS_DIRECTORY", folder.path().string()}})).value->view() == "s3cret");
  CHECK(refusal(wanted, sources({})) ==
        "c.toml:3:9: plugins.mail.token: credential \"token\" needs $CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=; it is "
        "not set");
}

TEST_CASE("a relative secret file lies beside the configuration that names it") {
  const auto parsed = parse_toml("token = { file = \"keys/a\" }", "/etc/driftstack/driftstack.toml");
  CHECK(read_secret_reference(*parsed.value->find("token"), "token").value->name == "/etc/driftstack/keys/a");
}

TEST_CASE("every missing secret of the settings is found, also in tables") {
  CheckedSettings inner;
  inner.set("b", SettingValue{reference(SecretReference::Kind::environment, "B"), {}});
  CheckedSettings settings;
  settings.set("a", SettingValue{reference(SecretReference::Kind::environment, "A"), {}});
  settings.set("t", inner);
  CHECK(find_missing_secrets(settings, sources({})).size() == 2);
  CHECK(find_missing_secrets(settings, sources({{"A", "x"}})).size() == 1);
  CHECK(find_missing_secrets(settings, sources({{"A", "x"}, {"B", "y"}})).empty());
}

TEST_CASE("a moved-from secret is empty") {
  SecretText first("s3cret");
  const SecretText second(std::move(first));
  CHECK(second.view() == "s3cret");
  CHECK(first.view().empty());  // NOLINT(bugprone-use-after-move): that it is wiped is the point
}
