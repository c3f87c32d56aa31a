#pragma once
// The session process's end of the socket pair: frames in, frames out, descriptors with them. [main-thread]

#include <glib.h>

#include <functional>
#include <string>

#include "attachment.hpp"
#include "protocol/frames.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

class ControlChannel {
 public:
  /// `on_request` is called for each request, `on_end` once when the server is gone or sends nonsense.
  ControlChannel(int descriptor, std::function<void(protocol::Request)> on_request, std::function<void()> on_end);
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
  void refuse(std::int64_t id, const protocol::Failure& failure);
  void report_gone(const std::string& reason);

 private:
  static gboolean on_readable(gint descriptor, GIOCondition condition, gpointer self);
  bool read_some();
  bool dispatch();
  void send(const protocol::FromSession& message, int attached_descriptor);

  int descriptor_;
  std::function<void(protocol::Request)> on_request_;
  std::function<void()> on_end_;
  protocol::FrameReader reader_;
  guint source_;
};

}  // namespace driftstack::browser_webkit
