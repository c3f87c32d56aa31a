#include "kernel/config/secret_reference.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace driftstack::kernel {
namespace {

// A key, token, password or certificate is far smaller; keeps a wrong path from filling memory.
constexpr std::size_t kSecretLimit = std::size_t{64} << 10;

constexpr std::string_view kForms = R"(write { env = "NAME" }, { file = "path" } or { credential = "name" })";

constexpr std::array<std::pair<std::string_view, SecretReference::Kind>, 3> kKinds{{{"env", SecretReference::Kind::environment},
                                                                                    {"file", SecretReference::Kind::file},
                                                                                    {"credential", SecretReference::Kind::credential}}};

enum class OwnerRule { root_or_user_and_private, any };

std::string_view kind_key(SecretReference::Kind kind) {
  for (const auto& [name, known] : kKinds) {
    if (known == kind) return name;
  }
  return "env";
}

Checked<SecretReference> reference_finding(const ConfigNode& node, const std::string& key, const std::string& message) {
  return {std::nullopt, {Finding{node.origin, key, message}}};
}

std::string beside_its_file(const ConfigNode& node, const std::string& path) {
  if (!node.origin.in_file() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(node.origin.source).parent_path() / path).lexically_normal().string();
}

Checked<SecretText> missing(const SecretReference& reference, const std::string& message) {
  return {std::nullopt, {Finding{reference.origin, reference.key, message}}};
}

std::string drop_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

/// What is wrong with the file's type, owner or mode; empty when nothing is.
std::string status_problem(const struct stat& status, OwnerRule rule, uid_t user) {
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (rule == OwnerRule::any) return {};
  if (status.st_uid != 0 && status.st_uid != user)
    return "is owned by user " + std::to_string(status.st_uid) + "; it must be root or the server's user";
  const mode_t mode = status.st_mode & 07777;
  if (mode != 0600 && mode != 0400) return "can be read by others or run; run: chmod 0600";
  return {};
}

struct ReadFile {
  std::string text;
  std::string problem;
};

ReadFile read_private_file(const std::string& path, OwnerRule rule, uid_t user) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return {{}, errno == ELOOP ? "is a link; name the file itself" : "cannot be opened: " + std::generic_category().message(errno)};
  ReadFile result;
  struct stat status {};
  result.problem = ::fstat(fd, &status) == 0 ? status_problem(status, rule, user) : "cannot be read";
  std::array<char, 4096> buffer{};
  while (result.problem.empty()) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) result.problem = "cannot be read: " + std::generic_category().message(errno);
    if (count <= 0) break;
    result.text.append(buffer.data(), static_cast<std::size_t>(count));
    if (result.text.size() > kSecretLimit) result.problem = "is larger than 64 KiB";
  }
  ::explicit_bzero(buffer.data(), buffer.size());
  ::close(fd);
  return result;
}

Checked<SecretText> from_file(const SecretReference& reference, const std::string& path, OwnerRule rule, uid_t user) {
  ReadFile file = read_private_file(path, rule, user);
  SecretText secret(drop_newline(std::move(file.text)));
  if (!file.problem.empty()) return missing(reference, "the secret's file " + in_quotes(path) + " " + file.problem);
  if (secret.view().empty()) return missing(reference, "the secret's file " + in_quotes(path) + " is empty");
  return {std::move(secret), {}};
}

}  // namespace

std::string SecretReference::to_toml() const { return "{ " + std::string(kind_key(kind)) + " = " + in_quotes_whole(name) + " }"; }

SecretText::SecretText(std::string text) noexcept : text_(std::move(text)) {}

// A short string is copied by its move constructor, so the source is wiped too.
SecretText::SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

SecretText::~SecretText() { wipe(); }

void SecretText::wipe() noexcept {
  ::explicit_bzero(text_.data(), text_.capacity());
  text_.clear();
}

SecretSources SecretSources::of_this_process() {
  SecretSources sources;
  sources.user = ::geteuid();
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  return sources;
}

Checked<SecretReference> read_secret_reference(const ConfigNode& node, const std::string& key) {
  if (node.kind != ConfigNode::Kind::table) {
    return reference_finding(node, key, "a secret never stands in the configuration itself; " + std::string(kForms));
  }
  const std::string expected = "a secret reference holds exactly one of env, file and credential; " + std::string(kForms);
  if (node.entries.size() != 1) return reference_finding(node, key, expected);
  const auto& [name, value] = *node.entries.begin();
  for (const auto& [known, kind] : kKinds) {
    if (name != known) continue;
    const bool folder_part = kind == SecretReference::Kind::credential && value.text.find('/') != std::string::npos;
    if (value.kind != ConfigNode::Kind::string || value.text.empty() || folder_part) {
      return reference_finding(value, key, std::string(known) + " is not a name; " + std::string(kForms));
    }
    const std::string target = kind == SecretReference::Kind::file ? beside_its_file(value, value.text) : value.text;
    return {SecretReference{kind, target, key, node.origin}, {}};
  }
  return reference_finding(node, key, expected);
}

Checked<SecretText> resolve_secret(const SecretReference& reference, const SecretSources& sources) {
  if (reference.kind == SecretReference::Kind::environment) {
    auto value = sources.environment(reference.name);
    if (!value)
      return missing(reference, "the environment has no variable " + in_quotes(reference.name) + ", which should hold this secret");
    SecretText secret(std::move(*value));
    if (secret.view().empty()) return missing(reference, "the environment variable " + in_quotes(reference.name) + " is empty");
    return {std::move(secret), {}};
  }
  if (reference.kind == SecretReference::Kind::file) {
    return from_file(reference, reference.name, OwnerRule::root_or_user_and_private, sources.user);
  }
  const auto folder = sources.environment("CREDENTIALS_DIRECTORY");
  if (!folder || folder->empty()) {
    return missing(reference, "credential " + in_quotes(reference.name) +
                                  " needs $CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=; it is not set");
  }
  return from_file(reference, *folder + "/" + reference.name, OwnerRule::any, sources.user);
}

}  // namespace driftstack::kernel
