#include "driver/process_tree.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace driftstack::browser_webkit {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kKibibyte = 1024;
constexpr std::size_t kStateField = 0;  // of /proc/<pid>/stat after the command name, proc(5)
constexpr std::size_t kSessionField = 3;

std::string proc_path(pid_t pid, std::string_view file) { return "/proc/" + std::to_string(pid) + "/" + std::string(file); }

std::optional<pid_t> parse_pid(std::string_view text) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return pid;
}

/// The numeric names in a directory of /proc, which may vanish while it is read.
std::vector<pid_t> pids_in(const std::string& directory) {
  std::vector<pid_t> pids;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (const std::optional<pid_t> pid = parse_pid(at->path().filename().native())) pids.push_back(*pid);
  }
  return pids;
}

void append_children(pid_t pid, std::vector<pid_t>& out) {
  const std::string tasks = proc_path(pid, "task");
  for (const pid_t task : pids_in(tasks)) {
    std::ifstream children(tasks + "/" + std::to_string(task) + "/children");
    for (pid_t child = 0; children >> child;) out.push_back(child);
  }
}

/// The fields of /proc/<pid>/stat after the command name: state, parent, group, session and so on. Empty for a process that is gone.
std::vector<std::string> stat_fields(pid_t pid) {
  std::ifstream file(proc_path(pid, "stat"));
  std::string line;
  if (!std::getline(file, line)) return {};
  std::istringstream text(line.substr(line.rfind(')') + 1));
  return {std::istream_iterator<std::string>(text), std::istream_iterator<std::string>()};
}

std::optional<pid_t> session_of(pid_t pid) {
  const std::vector<std::string> fields = stat_fields(pid);
  return fields.size() > kSessionField ? parse_pid(fields[kSessionField]) : std::nullopt;
}

struct PageCounts {
  std::int64_t resident = 0;
  std::int64_t shared = 0;  // backed by files or shared memory
};

PageCounts page_counts(pid_t pid) {
  std::ifstream file(proc_path(pid, "statm"));
  std::int64_t size = 0;
  PageCounts counts;
  if (!(file >> size >> counts.resident >> counts.shared)) return {};
  return counts;
}

std::optional<std::int64_t> proportional_memory(pid_t pid) {
  std::ifstream file(proc_path(pid, "smaps_rollup"));
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("Pss:")) continue;
    std::istringstream value(line.substr(line.find(':') + 1));
    std::int64_t kibibytes = 0;
    if (value >> kibibytes) return kibibytes * kKibibyte;
  }
  return std::nullopt;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) append_children(tree[i], tree);
  return tree;
}

std::vector<pid_t> members_of_session(pid_t leader) {
  std::vector<pid_t> members;
  for (const pid_t pid : pids_in("/proc")) {
    if (session_of(pid) == leader) members.push_back(pid);
  }
  return members;
}

bool is_running(pid_t pid) {
  const std::vector<std::string> fields = stat_fields(pid);
  return !fields.empty() && fields[kStateField] != "Z" && fields[kStateField] != "X";
}

std::int64_t memory_of(const std::vector<pid_t>& processes, Weighing weighing) {
  const std::int64_t page = sysconf(_SC_PAGESIZE);
  std::int64_t total = 0;
  for (const pid_t pid : processes) {
    const PageCounts counts = page_counts(pid);
    if (weighing == Weighing::upper) {
      total += counts.resident * page;
      continue;
    }
    // A process that made itself undumpable shows its map to root only; what it shares with nobody is the best number then.
    total += proportional_memory(pid).value_or((counts.resident - counts.shared) * page);
  }
  return total;
}

}  // namespace driftstack::browser_webkit
