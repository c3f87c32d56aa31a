#include "actions/capture.hpp"

#include "actions/print.hpp"
#include "actions/screenshot.hpp"

namespace driftstack::browser_webkit {
namespace {

/// A function of the agent whose answer is the content, in the one frame that fits.
Work<Attachment> text_of(Page& page, Command& command, std::string_view function, std::optional<browser::FrameMatch> match) {
  Outcome<Frame> frame = co_await frame_for(page.world(), command, std::move(match));
  if (!frame) co_return std::move(frame.failure());
  Outcome<std::string> text = co_await page.world().call_in_for_text(frame->id, command, function, "{}", command.deadline());
  if (!text) co_return std::move(text.failure());
  co_return Attachment::made_of(*text);
}

}  // namespace

Work<Attachment> capture(Page& page, Compositor& compositor, Command& command, browser::Capture message) {
  switch (message.kind) {
    case browser::CaptureKind::screenshot:
      co_return co_await screenshot(page, compositor, command, std::move(message));
    case browser::CaptureKind::pdf:
      co_return co_await print_pdf(page, command);
    case browser::CaptureKind::dom_snapshot:
      co_return co_await text_of(page, command, "html", std::move(message.frame_match));
    case browser::CaptureKind::text:
      co_return co_await text_of(page, command, "text", std::move(message.frame_match));
    case browser::CaptureKind::markdown:
      co_return co_await text_of(page, command, "markdown", std::move(message.frame_match));
    case browser::CaptureKind::accessibility:
      co_return co_await text_of(page, command, "outline", std::move(message.frame_match));
    case browser::CaptureKind::links:
      co_return co_await text_of(page, command, "links", std::move(message.frame_match));
  }
  co_return failure(FailureCode::internal, "unknown kind of capture");
}

}  // namespace driftstack::browser_webkit
