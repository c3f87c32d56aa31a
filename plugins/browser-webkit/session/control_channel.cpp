#include "control_channel.hpp"

#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace driftstack::browser_webkit {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

/// Sends all bytes; the descriptor goes with the first of them. The server always reads, so waiting here is short. False when it is gone.
bool send_all(int socket, std::string_view bytes, int attached_descriptor) {
  while (!bytes.empty()) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (attached_descriptor >= 0) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      cmsghdr* item = CMSG_FIRSTHDR(&header);
      item->cmsg_level = SOL_SOCKET;
      item->cmsg_type = SCM_RIGHTS;
      item->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(item), &attached_descriptor, sizeof(int));
    }
    const ssize_t sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    attached_descriptor = -1;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

ControlChannel::ControlChannel(int descriptor, OnRequest on_request, std::function<void()> on_end)
    : descriptor_(descriptor),
      on_request_(std::move(on_request)),
      on_end_(std::move(on_end)),
      source_(g_unix_fd_add(descriptor, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP | G_IO_ERR), on_readable, this)) {}

ControlChannel::~ControlChannel() {
  g_source_remove(source_);
  close(descriptor_);
}

gboolean ControlChannel::on_readable(gint, GIOCondition, gpointer data) {
  auto& self = *static_cast<ControlChannel*>(data);
  if (!self.read_some() || !self.dispatch()) self.on_end_();
  return G_SOURCE_CONTINUE;
}

bool ControlChannel::read_some() {
  std::array<char, kReadBytes> buffer;
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t got = recvmsg(descriptor_, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  const cmsghdr* item = CMSG_FIRSTHDR(&header);
  if (item != nullptr && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
    int attached = -1;
    std::memcpy(&attached, CMSG_DATA(item), sizeof(int));
    attached_ = MemoryFile(attached);
  }
  reader_.append(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  return got > 0;
}

bool ControlChannel::dispatch() {
  std::string body;
  for (;;) {
    const protocol::FrameReader::State state = reader_.next(body);
    if (state == protocol::FrameReader::State::incomplete) return true;
    protocol::Request request;
    wire::Issues issues;
    const bool broken = state == protocol::FrameReader::State::broken;
    if (broken || wire::read(body, request, issues) != wire::Outcome::ok) return false;
    MemoryFile attached = request.attached ? std::move(attached_) : MemoryFile();
    on_request_(std::move(request), std::move(attached));
  }
}

void ControlChannel::send(const protocol::FromSession& message, int attached_descriptor) {
  const std::optional<std::string> frame = protocol::encode_frame(wire::to_text(message));
  if (!frame) return refuse(message.id.value_or(0), failure(FailureCode::too_large, "the answer is too large"));
  if (!send_all(descriptor_, *frame, attached_descriptor)) on_end_();
}

void ControlChannel::refuse(std::int64_t id, const protocol::Failure& failure) {
  protocol::FromSession message;
  message.id = id;
  message.error = failure;
  send(message, -1);
}

void ControlChannel::report_frame(const protocol::FrameSize& size, const Attachment& jpeg) {
  protocol::FromSession message;
  message.event = std::string(protocol::kFrameEvent);
  message.frame = size;
  message.attachment_bytes = jpeg.size();
  send(message, jpeg.descriptor());
}

void ControlChannel::report_gone(const std::string& reason) {
  protocol::FromSession message;
  message.event = std::string(protocol::kGoneEvent);
  message.reason = reason;
  send(message, -1);
}

}  // namespace driftstack::browser_webkit
