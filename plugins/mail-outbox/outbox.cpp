#include "outbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "driftstack/support/timestamp.hpp"

namespace driftstack::mail_outbox {
namespace {

Error trouble(std::string_view what, int number) {
  return Error(Errc::unavailable, "mail-outbox: " + std::string(what) + ": " + std::system_category().message(number));
}

/// `20261125T145631Z-<id>.eml`: sorts by time, and one mail has one name however often it is tried.
std::string file_name(const mail::Message& message) {
  std::string name;
  for (const char c : Timestamp::from_micros(message.created_at).to_text().substr(0, 19)) {
    if (c != '-' && c != ':') name += c;
  }
  return name + "Z-" + message.id + ".eml";
}

int write_all(int file, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

Outbox::~Outbox() {
  if (folder_ >= 0) ::close(folder_);
}

Result<> Outbox::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return trouble("making " + path, errno);
  folder_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder_ < 0) return trouble("opening " + path, errno);
  return Done();
}

AsyncResult<mail::Attempt> Outbox::send(const Call& call, mail::Message message) {
  if (auto checked = check_message(message); !checked) co_return std::move(checked).error();
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  const IoThread home = host_.scheduler().current_io_thread();
  const std::string name = file_name(message);
  const std::string bytes = internet_message(message, sender_);
  co_await on_workers(host_.scheduler());
  const auto written = write(name, bytes);
  if (home != kNoIoThread) co_await on_io(host_.scheduler(), home);
  mail::Attempt attempt;
  if (written) {
    attempt.reference = name;
  } else {
    attempt.outcome = mail::Outcome::transport;
    attempt.detail = written.error().detail;
  }
  co_return attempt;
}

Result<> Outbox::write(const std::string& name, std::string_view bytes) const {
  const std::string temporary = "." + name;  // one mail is tried by one server at a time, so a left-over is ours to overwrite
  const int file = ::openat(folder_, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return trouble("making a file", errno);
  const int failure = write_all(file, bytes);
  ::close(file);
  if (failure != 0) {
    ::unlinkat(folder_, temporary.c_str(), 0);
    return trouble("writing", failure);
  }
  if (::renameat(folder_, temporary.c_str(), folder_, name.c_str()) != 0) return trouble("renaming a file", errno);
  if (::fsync(folder_) != 0) return trouble("fsync", errno);
  return Done();
}

}  // namespace driftstack::mail_outbox
