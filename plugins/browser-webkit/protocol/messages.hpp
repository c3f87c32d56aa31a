#pragma once
// What the server and a session process say to each other: length-prefixed JSON over one socket pair. No GTK here; both sides use it.
//
// The messages of the BrowserBackend role travel as they are; here stands what is around them.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::browser_webkit::protocol {

enum class Method : std::uint8_t {
  start,
  ping,
  navigate,
  interact,
  wait,
  state,
  capture,
  extract,
  search,
  login,
  save_state,
  send_input,
  look,
  cancel
};
constexpr auto enum_names(Method) {
  return std::to_array<std::pair<std::string_view, Method>>({{"start", Method::start},
                                                             {"ping", Method::ping},
                                                             {"navigate", Method::navigate},
                                                             {"interact", Method::interact},
                                                             {"wait", Method::wait},
                                                             {"state", Method::state},
                                                             {"capture", Method::capture},
                                                             {"extract", Method::extract},
                                                             {"search", Method::search},
                                                             {"login", Method::login},
                                                             {"save_state", Method::save_state},
                                                             {"send_input", Method::send_input},
                                                             {"look", Method::look},
                                                             {"cancel", Method::cancel}});
}

/// Server to session process. One command at a time; `cancel` (no answer of its own) ends the running one, and so does `save_state`, which
/// is the last. `look` has no answer of its own either, but a picture some time later (`kFrameEvent`). With `attached`, exactly one
/// descriptor of a sealed memory file comes with the frame.
struct Request {
  std::int64_t id = 0;
  Method method = Method::ping;
  wire::Json params;
  bool attached = false;
  static constexpr auto shape =
      wire::object(wire::field<&Request::id>("id"), wire::field<&Request::method>("method"), wire::field<&Request::params>("params"),
                   wire::field<&Request::attached>("attached", wire::defaulted));
};

enum class FailureCode : std::uint8_t { bad_request, conflict, timeout, load_failed, cancelled, too_large, internal };
constexpr auto enum_names(FailureCode) {
  return std::to_array<std::pair<std::string_view, FailureCode>>({{"bad_request", FailureCode::bad_request},
                                                                  {"conflict", FailureCode::conflict},
                                                                  {"timeout", FailureCode::timeout},
                                                                  {"load_failed", FailureCode::load_failed},
                                                                  {"cancelled", FailureCode::cancelled},
                                                                  {"too_large", FailureCode::too_large},
                                                                  {"internal", FailureCode::internal}});
}

struct Failure {
  FailureCode code = FailureCode::internal;
  std::string message;  ///< a sentence for the customer; never typed text
  std::optional<browser::LoadError> load_error;
  std::optional<std::int64_t> limit_bytes, size_bytes;  ///< of something too large
  static constexpr auto shape = wire::object(
      wire::field<&Failure::code>("code"), wire::field<&Failure::message>("message"), wire::field<&Failure::load_error>("load_error"),
      wire::field<&Failure::limit_bytes>("limit_bytes"), wire::field<&Failure::size_bytes>("size_bytes"));
};

/// Asks for one picture that differs from the last one, or says that nobody looks any more.
struct Look {
  bool on = true;
  static constexpr auto shape = wire::object(wire::field<&Look::on>("on"));
};
/// What is said of a picture: the size of the viewport in CSS pixels. The JPEG is the attachment.
struct FrameSize {
  std::int32_t width = 0, height = 0;
  static constexpr auto shape = wire::object(wire::field<&FrameSize::width>("width", wire::min(1), wire::max(16384)),
                                             wire::field<&FrameSize::height>("height", wire::min(1), wire::max(16384)));
};

/// Session process to server: the answer to a request (`id` with `result` or `error`) or a notice (`event`). When `attachment_bytes` is
/// there, exactly one descriptor of a file with that many bytes came with the frame.
struct FromSession {
  std::optional<std::int64_t> id;
  std::optional<wire::Json> result;
  std::optional<Failure> error;
  std::optional<std::int64_t> attachment_bytes;
  std::optional<std::string> event;
  std::optional<std::string> reason;
  std::optional<FrameSize> frame;  ///< of a kFrameEvent
  static constexpr auto shape = wire::object(
      wire::field<&FromSession::id>("id"), wire::field<&FromSession::result>("result"), wire::field<&FromSession::error>("error"),
      wire::field<&FromSession::attachment_bytes>("attachment_bytes", wire::min(0)), wire::field<&FromSession::event>("event"),
      wire::field<&FromSession::reason>("reason", wire::max_length(500)), wire::field<&FromSession::frame>("frame"));
};

/// The browser is of no more use; the process ends after saying so.
inline constexpr std::string_view kGoneEvent = "gone";
/// A picture that was asked for by `look`, with its size and attachment.
inline constexpr std::string_view kFrameEvent = "frame";
/// The first thing that is said, before the session program runs: a listening socket comes with it, which is the way out of the session.
inline constexpr std::string_view kEgressEvent = "egress";
inline FromSession egress_event() {
  FromSession message;
  message.event = std::string(kEgressEvent);
  return message;
}

/// First request of a session process; answered when a page can be loaded. Its attachment is the state archive to begin with.
struct Start {
  std::int32_t width = 1280, height = 800, scale = 1;
  std::vector<std::string> languages;     ///< most wanted first
  std::string time_zone;                  ///< IANA name
  std::optional<std::string> user_agent;  ///< absent: what the engine says by itself
  std::int32_t egress_port = 0;           ///< on loopback: the SOCKS proxy that is the only way out
  bool keeps_state = false;               ///< `save_state` will be asked for
  bool engine_sandbox = true;             ///< false where it cannot be had and the operator runs without
  static constexpr auto shape =
      wire::object(wire::field<&Start::width>("width", wire::min(100), wire::max(8192)),
                   wire::field<&Start::height>("height", wire::min(100), wire::max(8192)),
                   wire::field<&Start::scale>("scale", wire::min(1), wire::max(4)), wire::field<&Start::languages>("languages"),
                   wire::field<&Start::time_zone>("time_zone"), wire::field<&Start::user_agent>("user_agent"),
                   wire::field<&Start::egress_port>("egress_port", wire::min(1), wire::max(65535)),
                   wire::field<&Start::keeps_state>("keeps_state", wire::defaulted),
                   wire::field<&Start::engine_sandbox>("engine_sandbox", wire::defaulted));
};

/// The bytes of a capture come as the attachment.
struct Captured {
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(wire::field<&Captured::duration_ms>("duration_ms"));
};

/// Nothing to say.
struct Empty {
  static constexpr auto shape = wire::object();
};

}  // namespace driftstack::browser_webkit::protocol
