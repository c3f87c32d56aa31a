#pragma once
// Directories in memory that live as long as their session. [loop-thread]

#include <string>

#include "driftstack/result.hpp"
#include "driver/session_launcher.hpp"

namespace driftstack::browser_webkit {

/// The directory of this server, under which each session has its own. Holds a lock; those of servers that died are removed.
class RuntimeRoot {
 public:
  /// `base` empty: the best place that there is.
  static Result<RuntimeRoot> open(std::string base);
  RuntimeRoot(RuntimeRoot&&) noexcept = default;
  RuntimeRoot& operator=(RuntimeRoot&&) noexcept = default;
  ~RuntimeRoot();

  /// A fresh directory, 0700, owned by the user.
  Result<std::string> make_session_directory(const SessionUser& user);
  const std::string& path() const { return path_; }

 private:
  RuntimeRoot(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  Descriptor lock_;
  unsigned next_ = 1;
};

/// Removes a directory and all in it without following links. What cannot be removed stays.
void remove_directory(const std::string& path);

}  // namespace driftstack::browser_webkit
