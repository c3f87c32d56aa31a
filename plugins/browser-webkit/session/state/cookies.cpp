#include "state/cookies.hpp"

#include <libsoup/soup.h>

#include <memory>

namespace driftstack::browser_webkit {
namespace {

using Cookies = std::vector<browser::Cookie>;

constexpr int kNoMaxAge = -1;  // of soup_cookie_new: a session cookie

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

SoupSameSitePolicy same_site_policy(const std::optional<std::string>& text) {
  if (text == "lax") return SOUP_SAME_SITE_POLICY_LAX;
  if (text == "strict") return SOUP_SAME_SITE_POLICY_STRICT;
  return SOUP_SAME_SITE_POLICY_NONE;
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

/// Caller owns it.
SoupCookie* to_soup(const browser::Cookie& cookie) {
  SoupCookie* result = soup_cookie_new(cookie.name.c_str(), cookie.value.c_str(), cookie.domain.c_str(), cookie.path.c_str(), kNoMaxAge);
  if (cookie.expires) {
    GDateTime* expires = g_date_time_new_from_unix_utc(static_cast<gint64>(*cookie.expires));
    if (expires != nullptr) {
      soup_cookie_set_expires(result, expires);
      g_date_time_unref(expires);
    }
  }
  soup_cookie_set_http_only(result, cookie.http_only);
  soup_cookie_set_secure(result, cookie.secure);
  soup_cookie_set_same_site_policy(result, same_site_policy(cookie.same_site));
  return result;
}

void free_list(GList* list) {
  g_list_free_full(list, [](gpointer cookie) { soup_cookie_free(static_cast<SoupCookie*>(cookie)); });
}

WebKitCookieManager* manager_of(WebKitWebView* view) {
  WebKitWebsiteDataManager* store = webkit_web_context_get_website_data_manager(webkit_web_view_get_context(view));
  return webkit_website_data_manager_get_cookie_manager(store);
}

void on_all_cookies(GObject* manager, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OneShot<Cookies>> answer(static_cast<OneShot<Cookies>*>(data));
  Cookies cookies;
  GList* list = webkit_cookie_manager_get_all_cookies_finish(WEBKIT_COOKIE_MANAGER(manager), result, nullptr);
  for (GList* at = list; at != nullptr; at = at->next) cookies.push_back(to_cookie(static_cast<SoupCookie*>(at->data)));
  free_list(list);
  answer->set(std::move(cookies));
}

void on_replaced(GObject* manager, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OneShot<bool>> answer(static_cast<OneShot<bool>*>(data));
  answer->set(webkit_cookie_manager_replace_cookies_finish(WEBKIT_COOKIE_MANAGER(manager), result, nullptr) != FALSE);
}

}  // namespace

Work<Cookies> all_cookies(WebKitWebView* view, Command& command) {
  const OneShot<Cookies> answer;
  auto pending = std::make_unique<OneShot<Cookies>>(answer);
  webkit_cookie_manager_get_all_cookies(manager_of(view), nullptr, on_all_cookies, pending.release());
  std::optional<Cookies> cookies = co_await answer.wait(command);
  if (!cookies) co_return command.gave_up("the engine did not give its cookies in time");
  co_return std::move(*cookies);
}

Work<> replace_cookies(WebKitWebView* view, Command& command, Cookies cookies) {
  GList* list = nullptr;
  for (const browser::Cookie& cookie : cookies) list = g_list_prepend(list, to_soup(cookie));
  const OneShot<bool> answer;
  auto pending = std::make_unique<OneShot<bool>>(answer);
  webkit_cookie_manager_replace_cookies(manager_of(view), list, nullptr, on_replaced, pending.release());
  free_list(list);
  const std::optional<bool> replaced = co_await answer.wait(command);
  if (!replaced) co_return command.gave_up("the engine did not take its cookies in time");
  if (!*replaced) co_return failure(FailureCode::internal, "the engine refused its cookies");
  co_return Done();
}

}  // namespace driftstack::browser_webkit
