#include "capture_answer.hpp"

#include <utility>

#include "driftstack/support/base64.hpp"

namespace driftstack::sessions {
namespace {

Error too_large(std::string detail, std::size_t limit, std::size_t size) {
  return Error(Errc::payload_too_large, std::move(detail))
      .with_members("\"limit_bytes\":" + std::to_string(limit) + ",\"size_bytes\":" + std::to_string(size));
}

// Kinds without a cap of their own end with the cap of every answer, or with that of every artefact.
std::size_t cap_of(const body::Capture& asked) noexcept {
  switch (asked.kind) {
    case body::CaptureKind::screenshot:
      return kMaxScreenshotBytes;
    case body::CaptureKind::pdf:
      return kMaxPdfBytes;
    default:
      return asked.store ? kMaxArtifactBytes : SIZE_MAX;
  }
}

bool is_text(body::CaptureKind kind) noexcept { return kind != body::CaptureKind::screenshot && kind != body::CaptureKind::pdf; }

browser::CaptureKind in_role(body::CaptureKind kind) noexcept {
  switch (kind) {
    case body::CaptureKind::screenshot:
      return browser::CaptureKind::screenshot;
    case body::CaptureKind::dom_snapshot:
      return browser::CaptureKind::dom_snapshot;
    case body::CaptureKind::pdf:
      return browser::CaptureKind::pdf;
    case body::CaptureKind::text:
      return browser::CaptureKind::text;
    case body::CaptureKind::markdown:
      return browser::CaptureKind::markdown;
    case body::CaptureKind::accessibility:
      break;
  }
  return browser::CaptureKind::accessibility;
}

}  // namespace

browser::Capture capture_message(std::string session_id, const body::Capture& body) {
  browser::Capture message;
  message.session_id = std::move(session_id);
  message.kind = in_role(body.kind);
  message.full_page = body.full_page && body.kind == body::CaptureKind::screenshot;
  message.format = body.format.value_or(message.format);
  message.quality = body.quality.value_or(message.quality);
  message.selector = body.selector;
  message.device_scale_factor = body.device_scale_factor;
  message.frame_match = body.frame_match;
  return message;
}

std::optional<Error> refuse_capture(const body::Capture& asked, std::size_t size) {
  const std::size_t cap = cap_of(asked);
  if (size <= cap) return std::nullopt;
  return too_large("The capture has " + std::to_string(size) + " bytes; at most " + std::to_string(cap) + " are allowed.", cap, size);
}

std::string_view content_type_of(const body::Capture& asked) noexcept {
  switch (asked.kind) {
    case body::CaptureKind::screenshot:
      return asked.format == browser::ImageFormat::jpeg ? "image/jpeg" : "image/png";
    case body::CaptureKind::pdf:
      return "application/pdf";
    case body::CaptureKind::dom_snapshot:
      return "text/html; charset=utf-8";
    case body::CaptureKind::text:
      return "text/plain; charset=utf-8";
    case body::CaptureKind::markdown:
      return "text/markdown; charset=utf-8";
    case body::CaptureKind::accessibility:
      break;
  }
  return "application/json";
}

body::Captured capture_answer(body::CaptureKind kind, browser::Captured captured) {
  body::Captured answer;
  answer.kind = kind;
  answer.byte_size = static_cast<std::int64_t>(captured.bytes.data.size());
  answer.duration_ms = captured.duration_ms;
  answer.encoding = is_text(kind) ? body::Encoding::utf8 : body::Encoding::base64;
  answer.data = is_text(kind) ? std::move(captured.bytes.data) : base64_encode(captured.bytes.data);
  return answer;
}

AsyncResult<body::Captured> store_capture(const Call& call, Artifacts& artifacts, SessionId id, body::Capture asked,
                                          browser::Captured captured) {
  body::Captured answer;
  answer.kind = asked.kind;
  answer.byte_size = static_cast<std::int64_t>(captured.bytes.data.size());
  answer.duration_ms = captured.duration_ms;
  NewArtifact caught;
  caught.session = id;
  caught.kind = wire::enum_text(asked.kind);
  caught.content_type = content_type_of(asked);
  caught.bytes = std::move(captured.bytes.data);
  auto kept = co_await artifacts.keep(call, std::move(caught));
  if (!kept) co_return std::move(kept).error();
  answer.artifact = *std::move(kept);
  co_return std::move(answer);
}

Error error_shown(Error error, std::int64_t timeout_ms) {
  switch (error.code) {
    case Errc::bad_request:
    case Errc::conflict:
    case Errc::driver_error:
    case Errc::payload_too_large:
      return error;
    case Errc::session_timeout:
      return std::move(error).with_members("\"timeout_ms\":" + std::to_string(timeout_ms));
    default:
      return Error(Errc::driver_error, "The browser failed: " + error.detail);
  }
}

std::optional<Error> refuse_answer(std::size_t size) {
  if (size <= kMaxAnswerBytes) return std::nullopt;
  return too_large("The answer would have " + std::to_string(size) + " bytes; clients read 8 MiB at most.", kMaxAnswerBytes, size);
}

}  // namespace driftstack::sessions
