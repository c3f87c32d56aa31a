#include "actions/read.hpp"

#include "state/cookies.hpp"

namespace driftstack::browser_webkit {
namespace {

/// What the document itself knows best: the engine tells the title to this side at some later time.
struct Facts {
  std::string title;
  std::map<std::string, std::string> local_storage;
  static constexpr auto shape = wire::object(wire::field<&Facts::title>("title"), wire::field<&Facts::local_storage>("local_storage"));
};

struct ExtractQuestion {
  std::vector<browser::Extraction> extractions;
  static constexpr auto shape = wire::object(wire::field<&ExtractQuestion::extractions>("extractions"));
};

}  // namespace

Work<browser::State> state(Page& page, Command& command) {
  browser::State result;
  result.page_state = page.loads().page_state();
  if (result.page_state) {
    if (const char* uri = webkit_web_view_get_uri(page.view())) result.url = uri;
  }
  result.popups = page.policy().popups().all();
  Outcome<std::vector<browser::Cookie>> cookies = co_await all_cookies(page.view(), command);
  if (!cookies) co_return std::move(cookies.failure());
  result.cookies = std::move(*cookies);
  if (!result.page_state) co_return result;

  const protocol::Empty nothing;
  Outcome<Facts> facts = co_await page.world().call<Facts>(command, "facts", nothing, command.deadline());
  if (!facts) co_return std::move(facts.failure());
  if (!facts->title.empty()) result.title = std::move(facts->title);
  result.local_storage = std::move(facts->local_storage);
  co_return result;
}

Work<browser::Extracted> extract(Page& page, Command& command, browser::Extract message) {
  ExtractQuestion question;
  question.extractions = std::move(message.extractions);
  Outcome<Frame> frame = co_await frame_for(page.world(), command, std::move(message.frame_match));
  if (!frame) co_return std::move(frame.failure());
  Outcome<wire::Json> value = co_await page.world().call_in<wire::Json>(*frame, command, "extract", question, command.deadline());
  if (!value) co_return std::move(value.failure());
  browser::Extracted result;
  result.value = std::move(*value);
  co_return result;
}

}  // namespace driftstack::browser_webkit
