#pragma once
// The session process's end of the socket pair: frames in, frames out, descriptors with them. [main-thread]

#include <glib.h>

#include <functional>
#include <string>

#include "attachment.hpp"
#include "driftstack/support/memory_file.hpp"
#include "protocol/frames.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

class ControlChannel {
 public:
  /// Called for each request, with the file that came with it, if any.
  using OnRequest = std::function<void(protocol::Request request, MemoryFile attached)>;

  /// `on_end` is called once when the server is gone or sends nonsense.
  ControlChannel(int descriptor, OnRequest on_request, std::function<void()> on_end);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  template <class Result>
  void answer(std::int64_t id, const Result& result) {
    protocol::FromSession message;
    message.id = id;
    message.result = wire::to_json(result);
    send(message, -1);
  }
  template <class Result>
  void answer(std::int64_t id, const Result& result, const Attachment& attachment) {
    protocol::FromSession message;
    message.id = id;
    message.result = wire::to_json(result);
    message.attachment_bytes = attachment.size();
    send(message, attachment.descriptor());
  }
  template <class Result>
  void answer(std::int64_t id, const Result& result, const MemoryFile& file) {
    protocol::FromSession message;
    message.id = id;
    message.result = wire::to_json(result);
    message.attachment_bytes = file.size();
    send(message, file.descriptor());
  }
  void refuse(std::int64_t id, const protocol::Failure& failure);
  void report_frame(const protocol::FrameSize& size, const Attachment& jpeg);
  void report_gone(const std::string& reason);

 private:
  static gboolean on_readable(gint descriptor, GIOCondition condition, gpointer self);
  bool read_some();
  bool dispatch();
  void send(const protocol::FromSession& message, int attached_descriptor);

  int descriptor_;
  OnRequest on_request_;
  std::function<void()> on_end_;
  protocol::FrameReader reader_;
  MemoryFile attached_;  // the latest that came
  guint source_;
};

}  // namespace driftstack::browser_webkit
