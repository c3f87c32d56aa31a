#include "actions/read.hpp"

#include <libsoup/soup.h>

#include <memory>

namespace driftstack::browser_webkit {
namespace {

using Cookies = std::vector<browser::Cookie>;

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

std::optional<std::string> same_site_of(SoupCookie* cookie) {
  switch (soup_cookie_get_same_site_policy(cookie)) {
    case SOUP_SAME_SITE_POLICY_NONE:
      return "none";
    case SOUP_SAME_SITE_POLICY_LAX:
      return "lax";
    case SOUP_SAME_SITE_POLICY_STRICT:
      return "strict";
  }
  return std::nullopt;
}

browser::Cookie to_cookie(SoupCookie* cookie) {
  browser::Cookie result;
  result.name = text_of(soup_cookie_get_name(cookie));
  result.value = text_of(soup_cookie_get_value(cookie));
  result.domain = text_of(soup_cookie_get_domain(cookie));
  result.path = text_of(soup_cookie_get_path(cookie));
  if (GDateTime* expires = soup_cookie_get_expires(cookie)) result.expires = static_cast<double>(g_date_time_to_unix(expires));
  result.http_only = soup_cookie_get_http_only(cookie);
  result.secure = soup_cookie_get_secure(cookie);
  result.same_site = same_site_of(cookie);
  return result;
}

void on_cookies(GObject* manager, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OneShot<Cookies>> answer(static_cast<OneShot<Cookies>*>(data));
  Cookies cookies;
  GList* list = webkit_cookie_manager_get_all_cookies_finish(WEBKIT_COOKIE_MANAGER(manager), result, nullptr);
  for (GList* at = list; at != nullptr; at = at->next) cookies.push_back(to_cookie(static_cast<SoupCookie*>(at->data)));
  g_list_free_full(list, [](gpointer cookie) { soup_cookie_free(static_cast<SoupCookie*>(cookie)); });
  answer->set(std::move(cookies));
}

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
  const OneShot<Cookies> answer;
  auto pending = std::make_unique<OneShot<Cookies>>(answer);
  WebKitWebsiteDataManager* store = webkit_web_context_get_website_data_manager(webkit_web_view_get_context(page.view()));
  webkit_cookie_manager_get_all_cookies(webkit_website_data_manager_get_cookie_manager(store), nullptr, on_cookies, pending.release());
  std::optional<Cookies> cookies = co_await answer.wait(command);
  if (!cookies) co_return command.gave_up("the engine did not give its cookies in time");
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
