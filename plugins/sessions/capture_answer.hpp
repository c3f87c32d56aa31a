#pragma once
// What a customer gets of a browser's work: captures within the caps of the contract, and its errors. For sessions and one-shot routes.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "artifacts/artifacts.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/routes.hpp"
#include "wire.hpp"

namespace driftstack::sessions {

/// Most bytes of a picture and of a PDF, before encoding (sessions.md 4.8).
inline constexpr std::size_t kMaxScreenshotBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxPdfBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{8} << 20;  // clients read no more (platform.md 1)

/// Operations without a timeout of their own: clients wait 30 s for them (platform.md 1).
inline constexpr std::int64_t kReadTimeoutMs = 25'000;
/// What a backend may take beyond the timeout that it was given, before its browser counts as hung.
inline constexpr std::chrono::seconds kGrace{5};

[[nodiscard]] browser::Capture capture_message(std::string session_id, const body::Capture& body);
/// payload_too_large for `size` bytes over the cap of what was asked; nothing for others.
[[nodiscard]] std::optional<Error> refuse_capture(const body::Capture& asked, std::size_t size);
/// What the bytes of that capture are, as a header says it.
[[nodiscard]] std::string_view content_type_of(const body::Capture& asked) noexcept;
/// The inline answer.
[[nodiscard]] body::Captured capture_answer(body::CaptureKind kind, browser::Captured captured);
/// The answer when it is kept instead.
AsyncResult<body::Captured> store_capture(const Call& call, Artifacts& artifacts, SessionId id, body::Capture asked,
                                          browser::Captured captured);
/// What the customer hears of a backend's error.
[[nodiscard]] Error error_shown(Error error, std::int64_t timeout_ms);
/// payload_too_large for a body of `size` bytes that no client would read; nothing for others.
[[nodiscard]] std::optional<Error> refuse_answer(std::size_t size);

/// An answer whose size the page decides.
template <class Answer>
[[nodiscard]] Result<Response> bounded(Result<Answer> answer) {
  if (!answer) return std::move(answer).error();
  Response response = json_response(200, *answer);
  std::optional<Error> refusal = refuse_answer(response.body.size());
  if (refusal) return *std::move(refusal);
  return response;
}

}  // namespace driftstack::sessions
