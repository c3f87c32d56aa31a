#pragma once
// What a session sees of the file system: the system's programs, libraries, fonts and certificates, read-only; a /proc of its own
// processes; a directory in memory that is its own. Nothing of the server, of users, or of other sessions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::browser_webkit {

/// Prepared by the server, carried out by the child between fork and exec, with system calls only.
class FileSystemView {
 public:
  /// `directory` is the session's own. Inside of the view it is empty and in memory, `size` bytes at most; outside it is where the view is
  /// put together.
  FileSystemView(const std::string& directory, std::int64_t size);

  /// In the child, in mount and pid namespaces of its own. Empty when all went well, else what is missing.
  std::string_view enter() const noexcept;

 private:
  enum class Kind : std::uint8_t { directory, file, link, bind, bind_device, memory, processes };
  struct Step {
    Kind kind;
    std::string path;  ///< in the new root, with its prefix
    std::string from;  ///< bind: source; link: target; file: content; memory: options
  };
  void add(Kind kind, const std::string& path, std::string from = "");
  void add_parents(const std::string& path);
  void show(const std::string& path);
  void show_system();
  void show_devices();
  static bool carry_out(const Step& step) noexcept;

  std::string root_;
  std::string root_options_;
  std::vector<Step> steps_;
};

}  // namespace driftstack::browser_webkit
