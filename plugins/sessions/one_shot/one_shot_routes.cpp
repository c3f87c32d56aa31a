#include "one_shot/one_shot_routes.hpp"

#include <string>
#include <utility>

#include "capture_answer.hpp"
#include "driftstack/support/json.hpp"

namespace driftstack::sessions {
namespace {

template <class Body>
browser::Navigate navigate_message(const Body& body) {
  browser::Navigate message;
  message.url = body.url.text();
  message.wait_until = body.wait_until;
  message.timeout_ms = body.timeout_ms;
  return message;
}

body::Capture document(body::CaptureKind kind, bool store) {
  body::Capture asked;
  asked.kind = kind;
  asked.store = store;
  return asked;
}

}  // namespace

void OneShotRoutes::declare(Routes& routes) {
  const ScopeSet write{Scope::write, Scope::write_sessions};
  const auto one_shot = [&](const std::string& name, std::string operation, std::string summary) {
    return routes.post("/v1/" + name, std::move(operation), std::move(summary))
        .bearer(write, TeamAccess::admin_write, "sessions:create")
        .charges_owner();
  };
  one_shot("screenshot", "take_screenshot", "Load a page in a browser of its own and answer a picture of it.")
      .answers<body::Captured>()
      .to<&OneShotRoutes::screenshot>(*this);
  one_shot("pdf", "print_pdf", "Load a page in a browser of its own and answer it as a PDF.")
      .answers<body::Captured>()
      .to<&OneShotRoutes::pdf>(*this);
  one_shot("content", "read_content", "Load a page in a browser of its own and answer its document.")
      .answers<body::Captured>()
      .to<&OneShotRoutes::content>(*this);
  one_shot("markdown", "read_markdown", "Load a page in a browser of its own and answer it as Markdown.")
      .answers<body::Captured>()
      .to<&OneShotRoutes::markdown>(*this);
  one_shot("links", "read_links", "Load a page in a browser of its own and answer its links.")
      .answers<body::Links>()
      .to<&OneShotRoutes::links>(*this);
}

AsyncResult<Response> OneShotRoutes::screenshot(const Call& call, const Request&, body::PictureOf body) {
  body::Capture asked = document(body::CaptureKind::screenshot, body.store);
  asked.full_page = body.full_page;
  asked.format = body.format;
  asked.quality = body.quality;
  asked.selector = body.selector;
  asked.device_scale_factor = body.device_scale_factor;
  co_return co_await capture(call, navigate_message(body), std::move(asked));
}

AsyncResult<Response> OneShotRoutes::pdf(const Call& call, const Request&, body::DocumentOf body) {
  co_return co_await capture(call, navigate_message(body), document(body::CaptureKind::pdf, body.store));
}

AsyncResult<Response> OneShotRoutes::content(const Call& call, const Request&, body::ContentOf body) {
  body::Capture asked = document(body::CaptureKind::dom_snapshot, body.store);
  asked.frame_match = body.frame_match;
  co_return co_await capture(call, navigate_message(body), std::move(asked));
}

AsyncResult<Response> OneShotRoutes::markdown(const Call& call, const Request&, body::DocumentOf body) {
  co_return co_await capture(call, navigate_message(body), document(body::CaptureKind::markdown, body.store));
}

AsyncResult<Response> OneShotRoutes::links(const Call& call, const Request&, body::Navigate body) {
  browser::Capture message;
  message.kind = browser::CaptureKind::links;
  auto caught = co_await one_shots_.run(call, navigate_message(body), std::move(message));
  if (!caught) co_return std::move(caught).error();
  // The backend's JSON goes through as it is: a page may have more links than our reader takes values.
  std::string answer = "{\"links\":" + std::move(caught->captured.bytes.data);
  answer += ",\"duration_ms\":" + std::to_string(caught->captured.duration_ms) + "}";
  std::optional<Error> refusal = refuse_answer(answer.size());
  if (refusal) co_return *std::move(refusal);
  co_return Response(200, std::move(answer));
}

AsyncResult<Response> OneShotRoutes::capture(const Call& call, browser::Navigate navigate, body::Capture asked) {
  if (asked.store && !artifacts_.can_keep()) co_return Error(Errc::feature_unavailable, "This server has no object store.");
  auto caught = co_await one_shots_.run(call, std::move(navigate), capture_message(std::string(), asked));
  if (!caught) co_return std::move(caught).error();
  std::optional<Error> refusal = refuse_capture(asked, caught->captured.bytes.data.size());
  if (refusal) co_return *std::move(refusal);
  if (!asked.store) co_return bounded<body::Captured>(capture_answer(asked.kind, std::move(caught->captured)));
  auto stored = co_await store_capture(call, artifacts_, caught->run, asked, std::move(caught->captured));
  co_return bounded(std::move(stored));
}

}  // namespace driftstack::sessions
