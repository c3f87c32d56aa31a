#include "kernel/config/document.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <system_error>
#include <utility>

namespace driftstack::kernel {
namespace {

// Far above any real configuration; keeps a wrong path (a disk image, /dev/zero) from filling memory.
constexpr std::size_t kFileLimit = std::size_t{1} << 20;
constexpr const char* kOverrideSource = "--set";

std::string system_message(int error) { return std::generic_category().message(error); }

Finding file_finding(const std::string& source, std::string message) { return Finding{Origin{source, 0, 0}, "", std::move(message)}; }

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Origin origin_of(const toml::source_region& region, const std::string& source) {
  if (source == kOverrideSource) return Origin{source, 0, 0};
  return Origin{source, region.begin.line, region.begin.column};
}

template <typename T>
std::string toml_text(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

ConfigNode convert(const toml::node& node, const std::string& source);

void convert_table(const toml::table& table, const std::string& source, ConfigNode& out) {
  out.kind = ConfigNode::Kind::table;
  out.inline_table = table.is_inline();
  for (const auto& [key, value] : table) {
    ConfigNode child = convert(value, source);
    child.key_origin = origin_of(key.source(), source);
    out.entries.emplace(std::string(key.str()), std::move(child));
  }
}

void convert_list(const toml::array& array, const std::string& source, ConfigNode& out) {
  out.kind = ConfigNode::Kind::list;
  for (const toml::node& item : array) out.items.push_back(convert(item, source));
}

ConfigNode convert(const toml::node& node, const std::string& source) {
  ConfigNode out;
  out.origin = origin_of(node.source(), source);
  out.key_origin = out.origin;
  switch (node.type()) {
    case toml::node_type::table:
      convert_table(*node.as_table(), source, out);
      break;
    case toml::node_type::array:
      convert_list(*node.as_array(), source, out);
      break;
    case toml::node_type::string:
      out.kind = ConfigNode::Kind::string;
      out.text = node.as_string()->get();
      break;
    case toml::node_type::integer:
      out.kind = ConfigNode::Kind::integer;
      out.integer = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      out.kind = ConfigNode::Kind::number;
      out.number = node.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      out.kind = ConfigNode::Kind::boolean;
      out.boolean = node.as_boolean()->get();
      break;
    default:
      out.kind = ConfigNode::Kind::date_or_time;
      if (const auto* date = node.as_date()) out.text = toml_text(date->get());
      if (const auto* time = node.as_time()) out.text = toml_text(time->get());
      if (const auto* date_time = node.as_date_time()) out.text = toml_text(date_time->get());
      break;
  }
  return out;
}

void merge(ConfigNode& into, ConfigNode from) {
  const bool tables = into.kind == ConfigNode::Kind::table && from.kind == ConfigNode::Kind::table;
  if (!tables || from.inline_table) {
    into = std::move(from);
    return;
  }
  for (auto& [name, node] : from.entries) {
    const auto existing = into.entries.find(name);
    if (existing == into.entries.end()) {
      into.entries.emplace(name, std::move(node));
    } else {
      merge(existing->second, std::move(node));
    }
  }
}

Checked<std::string> read_descriptor(int fd, const std::string& source) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {std::nullopt, {file_finding(source, "cannot be read: " + system_message(errno))}};
    if (count == 0) return {std::move(text), {}};
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kFileLimit)
      return {std::nullopt, {file_finding(source, "is larger than 1 MiB; a configuration file is far smaller")}};
  }
}

/// `conf.d/*.toml` beside the main file, sorted by name.
std::vector<std::filesystem::path> files_beside(const std::filesystem::path& file, std::vector<Finding>& findings) {
  const std::filesystem::path folder = file.parent_path() / "conf.d";
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return {};
  std::vector<std::filesystem::path> files;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    if (path.extension() == ".toml" && path.filename().string().front() != '.') files.push_back(path);
  }
  if (error) findings.push_back(file_finding(folder.string(), "cannot be listed: " + error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

void load_file(const std::filesystem::path& file, Document& document, std::vector<Finding>& findings) {
  Checked<std::string> text = read_config_file(file);
  findings.insert(findings.end(), text.findings.begin(), text.findings.end());
  if (!text.value) return;
  document.files.push_back(file.string());
  Checked<ConfigNode> parsed = parse_toml(*text.value, file.string());
  findings.insert(findings.end(), parsed.findings.begin(), parsed.findings.end());
  if (parsed.value) merge(document.root, std::move(*parsed.value));
}

/// The key part is echoed in a finding, the value never: it may be a secret in the wrong place.
void load_override(const std::string& text, Document& document, std::vector<Finding>& findings) {
  const std::size_t equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const auto report = [&](std::string message) { findings.push_back({Origin{kOverrideSource, 0, 0}, "", std::move(message)}); };
  if (equals == std::string::npos || key.find_first_not_of(" \t") == std::string::npos || key.find_first_of("[#") != std::string::npos) {
    return report(in_quotes(key) + " is not KEY=VALUE; write for example --set 'server.listen=\"127.0.0.1:8080\"'");
  }
  if (text.find_first_of("\r\n") != std::string::npos) return report(in_quotes(key) + " spans lines; write one KEY=VALUE on one line");
  Checked<ConfigNode> parsed = parse_toml(text, kOverrideSource);
  if (!parsed.value) {
    return report("the value of " + in_quotes(key) + " is not a TOML value; text needs quotes, for example --set '" + key + "=\"text\"'");
  }
  merge(document.root, std::move(*parsed.value));
}

}  // namespace

Checked<std::string> read_config_file(const std::filesystem::path& file) {
  const std::string source = file.string();
  const FileDescriptor descriptor(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (descriptor.get() < 0) return {std::nullopt, {file_finding(source, "cannot be opened: " + system_message(errno))}};
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) return {std::nullopt, {file_finding(source, "cannot be read: " + system_message(errno))}};
  if (!S_ISREG(status.st_mode)) return {std::nullopt, {file_finding(source, "is not a regular file")}};
  // Whoever can write this file can pin a library of their own.
  if ((status.st_mode & S_IWOTH) != 0) {
    return {std::nullopt, {file_finding(source, "can be written by every user of this machine; run: chmod o-w " + source)}};
  }
  return read_descriptor(descriptor.get(), source);
}

Checked<ConfigNode> parse_toml(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, std::string_view(name));
    ConfigNode root;
    convert_table(table, name, root);
    root.inline_table = false;
    root.origin = name == kOverrideSource ? Origin{name, 0, 0} : Origin{name, 1, 1};
    root.key_origin = root.origin;
    return {std::move(root), {}};
  } catch (const toml::parse_error& error) {
    return {std::nullopt, {Finding{origin_of(error.source(), name), "", "not valid TOML: " + std::string(error.description())}}};
  }
}

Checked<Document> load_document(const DocumentSources& sources) {
  Document document;
  std::vector<Finding> findings;
  document.root.origin = Origin{sources.file ? sources.file->string() : kOverrideSource, sources.file ? 1U : 0U, sources.file ? 1U : 0U};
  document.root.key_origin = document.root.origin;
  if (sources.file) {
    load_file(*sources.file, document, findings);
    for (const std::filesystem::path& file : files_beside(*sources.file, findings)) load_file(file, document, findings);
  }
  for (const std::string& text : sources.overrides) load_override(text, document, findings);
  sort_by_place(findings);
  if (!findings.empty()) return {std::nullopt, std::move(findings)};
  return {std::move(document), {}};
}

}  // namespace driftstack::kernel
