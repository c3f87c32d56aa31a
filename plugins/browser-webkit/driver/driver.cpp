#include "driver/driver.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "driftstack/support/state_archive.hpp"
#include "driver/process_tree.hpp"
#include "driver/runtime_directory.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMostDescriptorsPerMessage = 4;
constexpr std::size_t kMostDescriptorsWaiting = 4;
constexpr std::size_t kMostLastWords = 2048;
// The largest capture that the server takes into memory; the contract's own caps are lower (sessions.md 4.8).
constexpr std::int64_t kMostAttachmentBytes = std::int64_t{64} << 20;
constexpr std::int64_t kMostFrameBytes = std::int64_t{16} << 20;
constexpr std::chrono::milliseconds kFlushRetry{5};
constexpr std::chrono::milliseconds kSweepInterval{20};
constexpr int kMostSweeps = 50;  // one second in all

Error gone(const std::string& reason) { return Error(Errc::driver_error, reason); }

Error too_large(const std::string& message, std::optional<std::int64_t> limit, std::optional<std::int64_t> size) {
  Error error(Errc::payload_too_large, message);
  if (!limit || !size) return error;
  return std::move(error).with_members("\"limit_bytes\":" + std::to_string(*limit) + ",\"size_bytes\":" + std::to_string(*size));
}

Error to_error(const protocol::Failure& failure) {
  using protocol::FailureCode;
  switch (failure.code) {
    case FailureCode::bad_request:
      return Error(Errc::bad_request, failure.message);
    case FailureCode::conflict:
      return Error(Errc::conflict, failure.message);
    case FailureCode::timeout:
      return Error(Errc::session_timeout, failure.message);
    case FailureCode::cancelled:
      return Error(Errc::cancelled, failure.message);
    case FailureCode::too_large:
      return too_large(failure.message, failure.limit_bytes, failure.size_bytes);
    case FailureCode::load_failed: {
      const browser::LoadError kind = failure.load_error.value_or(browser::LoadError::net);
      return Error(Errc::driver_error, failure.message).with_members("\"kind\":\"" + std::string(wire::enum_text(kind)) + "\"");
    }
    case FailureCode::internal:
      break;
  }
  return Error(Errc::driver_error, failure.message);
}

}  // namespace

Result<std::shared_ptr<Driver>> Driver::launch(Egress& egress, const LaunchPlan& plan, OnGone on_gone) {
  Result<LaunchedSession> launched = launch_session(plan);
  if (!launched) {
    remove_directory(plan.directory);
    return std::move(launched.error());
  }
  auto driver = std::make_shared<Driver>(egress, std::move(*launched), plan.directory, std::move(on_gone));
  driver->watch_all();
  return driver;
}

Driver::Driver(Egress& egress, LaunchedSession launched, std::string directory, OnGone on_gone)
    : egress_(egress),
      loop_(egress.loop),
      launched_(std::move(launched)),
      directory_(std::move(directory)),
      on_gone_(std::move(on_gone)),
      frames_(loop_, [this](bool on) { look(on); }) {
  if (launched_.way_out) guard_ = std::make_shared<EgressGuard>(egress_, std::move(launched_.way_out));
}

/// The watches hold the driver until its process is gone.
void Driver::watch_all() {
  const std::shared_ptr<Driver> self = shared_from_this();
  loop_.watch(launched_.control.get(), [self] { self->on_control(); });
  loop_.watch(launched_.errors.get(), [self] { self->on_errors(); });
  loop_.watch(launched_.process.get(), [self] { self->on_process_ended(); });
}

void Driver::request(protocol::Method method, wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer, MemoryFile attached) {
  if (ending_) return on_answer(gone("the browser is gone"));
  if (saving_) return on_answer(gone("the browser has ended its pages"));
  if (running_) return on_answer(Error(Errc::conflict, "another command is running in this browser"));
  begin_request(method, std::move(params), limit, std::move(on_answer), std::move(attached));
}

void Driver::save_state(wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer) {
  if (ending_) return on_answer(gone("the browser is gone"));
  if (saving_) return on_answer(gone("the browser has ended its pages"));
  saving_ = true;
  if (running_) {
    abandoned_ = running_->id;
    settle(Error(Errc::cancelled, "the session was ended"));
  }
  begin_request(protocol::Method::save_state, std::move(params), limit, std::move(on_answer), MemoryFile());
}

void Driver::begin_request(protocol::Method method, wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer,
                           MemoryFile attached) {
  protocol::Request message;
  message.id = next_id_++;
  message.method = method;
  message.params = std::move(params);
  message.attached = static_cast<bool>(attached);
  const std::optional<std::string> frame = protocol::encode_frame(wire::to_text(message));
  if (!frame) return on_answer(Error(Errc::payload_too_large, "the command is too large"));
  Running running;
  running.id = message.id;
  running.method = method;
  running.on_answer = std::move(on_answer);
  running.deadline = loop_.after(limit, [this] { fail("the browser did not answer in time"); });
  running_ = std::move(running);
  if (attached) unsent_file_ = std::move(attached);  // a first request: nothing else is on its way
  unsent_ += *frame;
  flush();
}

ssize_t Driver::send_unsent() {
  iovec part{unsent_.data(), unsent_.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (unsent_file_) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = unsent_file_.descriptor();
    std::memcpy(CMSG_DATA(item), &descriptor, sizeof(int));
  }
  return sendmsg(launched_.control.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Driver::flush() {
  while (!unsent_.empty()) {
    const ssize_t sent = send_unsent();
    if (sent > 0) {
      unsent_file_ = MemoryFile();
      unsent_.erase(0, static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    return fail("the browser ended");
  }
  if (unsent_.empty() || flush_waits_) return;
  flush_waits_ = true;
  loop_.after(kFlushRetry, [weak = weak_from_this()] {
    const std::shared_ptr<Driver> self = weak.lock();
    if (!self) return;
    self->flush_waits_ = false;
    if (!self->ending_) self->flush();
  });
}

void Driver::on_control() {
  const std::shared_ptr<Driver> self = shared_from_this();  // a callback may drop the last other reference
  if (!receive()) return fail("the browser ended");
  take_frames();
}

/// False when the other end is closed or broken.
bool Driver::receive() {
  std::array<char, kReadBytes> buffer;
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostDescriptorsPerMessage)> control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t got = recvmsg(launched_.control.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  keep_descriptors(header);
  reader_.append(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  const bool in_bounds = received_.size() <= kMostDescriptorsWaiting && (header.msg_flags & MSG_CTRUNC) == 0;
  return got > 0 && in_bounds;
}

void Driver::keep_descriptors(msghdr& header) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(item) + i * sizeof(int), sizeof(int));
      received_.emplace_back(descriptor);
    }
  }
}

void Driver::take_frames() {
  std::string body;
  while (!ending_) {
    const protocol::FrameReader::State state = reader_.next(body);
    if (state == protocol::FrameReader::State::incomplete) return;
    protocol::FromSession message;
    wire::Issues issues;
    const bool broken = state == protocol::FrameReader::State::broken;
    if (broken || wire::read(body, message, issues) != wire::Outcome::ok) return fail("the browser answered nonsense");
    take(std::move(message));
  }
}

void Driver::take(protocol::FromSession message) {
  if (message.event) return take_event(std::move(message));
  if (abandoned_ && message.id == abandoned_) {
    abandoned_.reset();
    if (message.attachment_bytes && !received_.empty()) received_.pop_front();
    return;
  }
  if (!running_ || message.id != running_->id) return fail("the browser answered nonsense");
  if (message.error) return settle(to_error(*message.error));
  if (!message.result) return fail("the browser answered nonsense");
  Answer answer;
  answer.result = std::move(*message.result);
  if (message.attachment_bytes) {
    Result<> taken = take_content(answer, *message.attachment_bytes);
    if (!taken) return settle(std::move(taken.error()));
  }
  settle(std::move(answer));
}

void Driver::take_event(protocol::FromSession message) {
  if (*message.event == protocol::kGoneEvent) return fail(message.reason.value_or("the browser ended"));
  if (*message.event == protocol::kFrameEvent) return take_frame(message);
  if (*message.event != protocol::kEgressEvent) return;  // of no interest
  // Said once, by the launcher; what a session program says later under that name is its own invention.
  if (guard_ || received_.empty()) return fail("the browser answered nonsense");
  guard_ = std::make_shared<EgressGuard>(egress_, Descriptor(received_.front().release()));
  guard_->follow(rules_);
  received_.pop_front();
}

void Driver::take_frame(const protocol::FromSession& message) {
  const bool complete = message.frame && message.attachment_bytes && *message.attachment_bytes <= kMostFrameBytes && !received_.empty();
  if (!complete) return fail("the browser answered nonsense");
  const MemoryFile file = std::move(received_.front());
  received_.pop_front();
  Result<std::string> bytes = read_content(file, *message.attachment_bytes);
  if (!bytes) return fail(bytes.error().detail);
  browser::Frame frame;
  frame.width = message.frame->width;
  frame.height = message.frame->height;
  frame.image.data = std::move(*bytes);
  if (!frames_.take(std::move(frame))) fail("the browser answered nonsense");
}

void Driver::look(bool on) {
  if (ending_) return;
  protocol::Request message;
  message.id = next_id_++;
  message.method = protocol::Method::look;
  protocol::Look look;
  look.on = on;
  message.params = wire::to_json(look);
  unsent_ += *protocol::encode_frame(wire::to_text(message));
  flush();
}

void Driver::set_egress_rules(EgressRules rules) {
  rules_ = std::move(rules);
  if (guard_) guard_->follow(rules_);
}

Result<> Driver::take_content(Answer& answer, std::int64_t size) {
  if (received_.empty()) return gone("the browser sent no content");
  MemoryFile file = std::move(received_.front());
  received_.pop_front();
  if (running_->method == protocol::Method::save_state) {
    Result<> checked = check_state(file, size);
    answer.state = std::move(file);
    return checked;
  }
  Result<std::string> bytes = read_content(file, size);
  if (!bytes) return std::move(bytes.error());
  answer.attachment = std::move(*bytes);
  return Done();
}

Result<std::string> Driver::read_content(const MemoryFile& file, std::int64_t size) {
  if (size > kMostAttachmentBytes) return too_large("the content is too large", kMostAttachmentBytes, size);
  // Only memory has seals: reading anything else that a hostile process may send (a pipe, a file of its own file system) could block.
  if (fcntl(file.descriptor(), F_GET_SEALS) < 0) return gone("the browser sent something that is no content");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (file.read_at(0, bytes) != size) return gone("the browser sent less content than it said");
  return bytes;
}

/// What is in it is for its reader to check; here it is made sure that it cannot change any more meanwhile.
Result<> Driver::check_state(const MemoryFile& file, std::int64_t size) {
  if (!file.is_sealed()) return gone("the browser sent a state that it could still change");
  if (file.size() != size) return gone("the browser sent another state than it said");
  if (size > kMostStateArchiveBytes) return too_large("the browser's state is too large to be kept", kMostStateArchiveBytes, size);
  return Done();
}

void Driver::settle(Result<Answer> answer) {
  if (!running_) return;
  Running running = std::move(*running_);
  running_.reset();
  loop_.cancel(running.deadline);
  running.on_answer(std::move(answer));
}

void Driver::on_errors() {
  std::array<char, 1024> buffer;
  const ssize_t got = read(launched_.errors.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return loop_.unwatch(launched_.errors.get());
  last_words_.append(buffer.data(), static_cast<std::size_t>(got));
  if (last_words_.size() > kMostLastWords) last_words_.erase(0, last_words_.size() - kMostLastWords);
}

void Driver::fail(const std::string& what) {
  if (ending_) return;
  on_errors();
  const bool out_of_memory = launched_.group && launched_.group->ran_out_of_memory();
  const std::string reason = out_of_memory ? kTooMuchMemory : what;
  begin_end(gone(reason));
  if (on_gone_) on_gone_(reason);
}

void Driver::end(OnEnded on_ended) {
  if (ended_) return on_ended();
  on_ended_.push_back(std::move(on_ended));
  if (!ending_) begin_end(Error(Errc::cancelled, "the session was ended"));
}

void Driver::begin_end(Error for_running) {
  ending_ = true;
  loop_.unwatch(launched_.control.get());
  traffic_ = traffic();
  guard_.reset();
  kill_tree();
  frames_.end(for_running);
  settle(std::move(for_running));
}

void Driver::kill_tree() {
  if (!launched_.contained) {
    // Found before the first of them dies: children of the dead are not its children any more.
    doomed_ = descendants_of(launched_.pid);
    const std::vector<pid_t> members = members_of_session(launched_.pid);
    doomed_.insert(doomed_.end(), members.begin(), members.end());
    for (const pid_t pid : doomed_) kill(pid, SIGKILL);
  }
  kill(launched_.pid, SIGKILL);
}

void Driver::on_process_ended() {
  const std::shared_ptr<Driver> self = shared_from_this();
  on_errors();
  if (!ending_) fail("the browser ended");
  loop_.unwatch(launched_.process.get());
  loop_.unwatch(launched_.errors.get());
  waitpid(launched_.pid, nullptr, 0);  // does not wait: it is dead
  finish_when_empty(kMostSweeps);
}

/// With a namespace the kernel has ended every process before the first one counts as ended.
void Driver::finish_when_empty(int attempts_left) {
  if (!launched_.contained) {
    for (const pid_t pid : members_of_session(launched_.pid)) {  // born while the others died
      kill(pid, SIGKILL);
      doomed_.push_back(pid);
    }
    std::erase_if(doomed_, [](pid_t pid) { return !is_running(pid); });
    if (!doomed_.empty() && attempts_left > 0) {
      loop_.after(kSweepInterval, [self = shared_from_this(), attempts_left] { self->finish_when_empty(attempts_left - 1); });
      return;
    }
  }
  remove_directory(directory_);
  launched_.group.reset();
  ended_ = true;
  std::vector<OnEnded> waiting;
  waiting.swap(on_ended_);
  for (const OnEnded& done : waiting) done();
}

std::int64_t Driver::memory(std::int64_t limit) const {
  const std::vector<pid_t> tree = descendants_of(launched_.pid);
  const std::int64_t upper = memory_of(tree, Weighing::upper);
  return upper <= limit ? upper : memory_of(tree, Weighing::fair);
}

}  // namespace driftstack::browser_webkit
