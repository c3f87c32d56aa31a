#include "kernel/http/request_body.hpp"

#include <algorithm>

#include "kernel/http/chunk_decoder.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::size_t kReceiveSize = 16 * 1024;  // one TLS record
constexpr std::size_t kKeptRoom = 4 * 1024;      // larger buffers are given back after a request: idle connections must be cheap
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Error too_large(std::size_t limit, std::optional<std::uint64_t> size) {
  std::string members = "\"limit_bytes\":" + std::to_string(limit);
  if (size) members += ",\"size_bytes\":" + std::to_string(*size);
  return Error(Errc::payload_too_large, "The request body is larger than the " + std::to_string(limit) + " bytes that this route accepts.")
      .with_members(std::move(members));
}

void empty(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptRoom) text.shrink_to_fit();
}

}  // namespace

void RequestBody::begin(const RequestHead& head, std::size_t head_size, const ServerOptions& options) noexcept {
  options_ = &options;
  framing_ = head.framing;
  length_ = head.content_length;
  head_size_ = used_ = head_size;
  continue_wanted_ = head.expects_continue && framing_ != Framing::none;
  state_ = framing_ == Framing::none ? State::read : State::unread;
  view_ = {};
  replaced_ = false;
}

AsyncResult<std::string_view> RequestBody::read(std::size_t limit) {
  if (state_ == State::read) co_return view_;
  if (state_ != State::unread) co_return Error(Errc::misuse, "a body is read once");
  if (framing_ == Framing::length && length_ > limit) co_return too_large(limit, length_);
  state_ = State::reading;
  // A client that waits for the interim answer has sent nothing yet; one that did not wait needs none.
  if (continue_wanted_ && buffered().empty() && !send_continue()) {
    state_ = State::failed;
    co_return broken();
  }
  continue_wanted_ = false;
  began_ = Deadline::Clock::now();
  arrived_ = buffered().size();
  limited_ = false;
  Task<Result<std::string_view>> reading = framing_ == Framing::length ? read_length() : read_chunks(limit);
  auto result = co_await reading;
  // The limit of the body is over with it: from here on the connection looks for its client again.
  if (result && limited_) timer_.tick_at(Deadline::Clock::now() + options_->peer_check);
  state_ = result ? State::read : State::failed;
  if (result) view_ = *result;
  co_return result;
}

bool RequestBody::send_continue() noexcept {
  const auto sent = transport_.send_now(kContinue, {});
  return sent && *sent == kContinue.size();
}

Error RequestBody::broken() const {
  if (timer_.expired()) return Error(Errc::timeout, "The request body arrived too slowly.");
  return Error(Errc::cancelled, "The connection ended before the request body was complete.");
}

// Receives up to `most` bytes, within the time that the minimum rate allows for what has arrived.
Task<bool> RequestBody::receive(std::size_t most) {
  const auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(arrived_ * 1000 / options_->body_min_rate));
  timer_.limit(began_ + options_->body_grace + earned);
  limited_ = true;
  received_.resize(std::min(most, kReceiveSize));
  const std::span<char> room(received_.data(), received_.size());
  const std::size_t size = co_await transport_.read(room);
  arrived_ += size;
  received_.resize(size);
  co_return size > 0 && !timer_.expired();
}

AsyncResult<std::string_view> RequestBody::read_length() {
  const std::string_view ready = buffered();
  if (ready.size() >= length_) {
    used_ = head_size_ + length_;
    co_return ready.substr(0, length_);
  }
  used_ = head_size_ + ready.size();
  empty(content_);
  content_.append(ready);
  while (content_.size() < length_) {
    const bool more = co_await receive(static_cast<std::size_t>(length_) - content_.size());
    if (!more) co_return broken();
    content_.append(received_);
  }
  co_return std::string_view(content_);
}

AsyncResult<std::string_view> RequestBody::read_chunks(std::size_t limit) {
  empty(content_);
  ChunkDecoder decoder(limit);
  std::string_view input = buffered();
  for (;;) {
    const auto state = decoder.feed(input, content_);
    if (state == ChunkDecoder::State::bad) co_return Error(Errc::bad_request, "The chunked request body is malformed.");
    if (state == ChunkDecoder::State::too_large) co_return too_large(limit, std::nullopt);
    if (state == ChunkDecoder::State::done) break;
    const bool more = co_await receive(kReceiveSize);
    if (!more) co_return broken();
    replaced_ = true;
    input = received_;
  }
  if (replaced_)
    following_.assign(input);
  else
    used_ = input_.unread().size() - input.size();
  co_return std::string_view(content_);
}

bool RequestBody::can_continue() const noexcept {
  if (state_ == State::read) return true;
  return state_ == State::unread && framing_ == Framing::length && length_ <= options_->drain_limit && !continue_wanted_;
}

bool RequestBody::finishes_at_once() const noexcept { return state_ == State::read && !replaced_; }

void RequestBody::finish_now() noexcept {
  input_.consume(used_);
  empty(content_);
  empty(received_);
}

Task<bool> RequestBody::finish() {
  if (state_ == State::unread) {
    auto dropped = co_await read(options_->drain_limit);
    if (!dropped) co_return false;
  }
  if (replaced_) {
    input_.replace(following_);
    empty(following_);
    used_ = 0;
  }
  finish_now();
  co_return true;
}

}  // namespace driftstack::kernel
