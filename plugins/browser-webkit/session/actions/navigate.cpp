#include "actions/navigate.hpp"

#include "protocol/url_target.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};

Failure load_failed(LoadFailure reason) {
  Failure result = failure(FailureCode::load_failed, std::move(reason.message));
  result.load_error = reason.kind;
  return result;
}

/// The engine's own spelling: what its signals will say. Empty for text that is no http or https URL.
std::string canonical_url(const std::string& url) {
  WebKitURIRequest* request = webkit_uri_request_new(url.c_str());
  const char* spelled = webkit_uri_request_get_uri(request);
  std::string result = spelled == nullptr ? "" : spelled;
  g_object_unref(request);
  const std::optional<UrlTarget> target = parse_target(result);
  const bool is_page = target && !target->host.empty() && (target->scheme == "http" || target->scheme == "https");
  return is_page ? result : std::string();
}

std::string_view without_fragment(std::string_view url) { return url.substr(0, url.find('#')); }

/// The engine shows the same document at another place; it loads nothing.
bool stays_in_document(Page& page, const std::string& url) {
  const char* current = webkit_web_view_get_uri(page.view());
  const bool settled = !page.loads().loading() && page.loads().page_state().has_value();
  return settled && current != nullptr && url.find('#') != std::string::npos && without_fragment(url) == without_fragment(current);
}

struct Place {
  std::string url;
  static constexpr auto shape = wire::object(wire::field<&Place::url>("url"));
};
struct Ready {
  bool ready = false;
  static constexpr auto shape = wire::object(wire::field<&Ready::ready>("ready"));
};

/// Waits until the document is at `url` or is being replaced after all.
Work<> arrive_in_document(Page& page, Command& command, const std::string& url) {
  const unsigned loads_before = page.loads().loads_started();
  Place place;
  place.url = url;
  do {
    Outcome<Ready> answer = co_await page.world().call<Ready>(command, "isAt", place, command.deadline());
    if (answer && answer->ready && page.loads().loads_started() == loads_before) {
      page.loads().finish_expected();
      co_return Done();
    }
    if (page.loads().loads_started() != loads_before) co_return Done();
  } while (co_await pause(command, kPollInterval));
  co_return command.gave_up("the page did not load in time");
}

}  // namespace

Work<browser::Navigated> navigate(Page& page, Command& command, browser::Navigate message) {
  const std::string url = canonical_url(message.url);
  if (url.empty()) co_return failure(FailureCode::bad_request, "the URL must be an absolute http or https URL");
  const bool in_document = stays_in_document(page, url);
  const OneShot<NavigationEnd> ended = page.loads().expect(url, message.wait_until);
  webkit_web_view_load_uri(page.view(), url.c_str());
  if (in_document) {
    Outcome<> arrived = co_await arrive_in_document(page, command, url);
    if (!arrived) co_return std::move(arrived.failure());
  }
  std::optional<NavigationEnd> end = co_await ended.wait(command);
  if (!end) {
    page.loads().stop_expecting();
    webkit_web_view_stop_loading(page.view());
    co_return command.gave_up("the page did not load in time");
  }
  if (end->failure) co_return load_failed(std::move(*end->failure));
  browser::Navigated result;
  result.status = end->status;
  const char* final_url = webkit_web_view_get_uri(page.view());
  result.final_url = final_url == nullptr ? url : final_url;
  result.duration_ms = command.elapsed_ms();
  co_return result;
}

}  // namespace driftstack::browser_webkit
