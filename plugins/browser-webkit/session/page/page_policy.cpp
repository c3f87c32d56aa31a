#include "page/page_policy.hpp"

#include <gio/gio.h>

#include <functional>
#include <memory>

namespace driftstack::browser_webkit {
namespace {

const char* url_of(WebKitNavigationPolicyDecision* decision) {
  return webkit_uri_request_get_uri(
      webkit_navigation_action_get_request(webkit_navigation_policy_decision_get_navigation_action(decision)));
}

bool all_public(GList* addresses) {
  for (GList* at = addresses; at != nullptr; at = at->next) {
    char* text = g_inet_address_to_string(G_INET_ADDRESS(at->data));
    const bool is_public = is_public_address(text);
    g_free(text);
    if (!is_public) return false;
  }
  return true;
}

/// Looks the name up and tells whether all its addresses are public. A name that does not resolve counts as public: the engine fails on it
/// with the right error.
void resolve(const std::string& host, std::function<void(bool)> tell) {
  GResolver* resolver = g_resolver_get_default();
  auto pending = std::make_unique<std::function<void(bool)>>(std::move(tell));
  g_resolver_lookup_by_name_async(
      resolver, host.c_str(), nullptr,
      [](GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<std::function<void(bool)>> answer(static_cast<std::function<void(bool)>*>(data));
        GList* addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, nullptr);
        (*answer)(all_public(addresses));
        g_resolver_free_addresses(addresses);
      },
      pending.release());
  g_object_unref(resolver);
}

/// The server wants the answer saved, not shown.
bool is_attachment(WebKitURIResponse* response) {
  SoupMessageHeaders* headers = webkit_uri_response_get_http_headers(response);
  if (headers == nullptr) return false;
  char* disposition = nullptr;
  if (!soup_message_headers_get_content_disposition(headers, &disposition, nullptr)) return false;
  const bool result = g_ascii_strcasecmp(disposition, "attachment") == 0;
  g_free(disposition);
  return result;
}

gboolean deny_permission(WebKitWebView*, WebKitPermissionRequest* request, gpointer) {
  webkit_permission_request_deny(request);
  return TRUE;
}

gboolean cancel_color_chooser(WebKitWebView*, WebKitColorChooserRequest* request, gpointer) {
  webkit_color_chooser_request_cancel(request);
  return TRUE;
}

/// Goes on without credentials: the page is what the server says to a stranger.
gboolean refuse_authentication(WebKitWebView*, WebKitAuthenticationRequest* request, gpointer) {
  webkit_authentication_request_authenticate(request, nullptr);
  return TRUE;
}

/// For every signal whose TRUE means "handled, do nothing".
gboolean handled() { return TRUE; }

void cancel_download(WebKitWebContext*, WebKitDownload* download, gpointer) { webkit_download_cancel(download); }

}  // namespace

PagePolicy::PagePolicy(WebKitWebView* view, LoadTracker& loads, AddressPolicy addresses)
    : view_(view), loads_(loads), addresses_(std::move(addresses)) {
  g_signal_connect(view, "decide-policy", G_CALLBACK(on_decide), this);
  g_signal_connect(view, "create", G_CALLBACK(on_create), this);
  g_signal_connect(view, "permission-request", G_CALLBACK(deny_permission), nullptr);
  g_signal_connect(view, "run-color-chooser", G_CALLBACK(cancel_color_chooser), nullptr);
  g_signal_connect(view, "authenticate", G_CALLBACK(refuse_authentication), nullptr);
  for (const char* signal : {"context-menu", "enter-fullscreen", "print", "show-notification"}) {
    g_signal_connect(view, signal, G_CALLBACK(handled), nullptr);
  }
  g_signal_connect(webkit_web_view_get_context(view), "download-started", G_CALLBACK(cancel_download), nullptr);
}

PagePolicy::~PagePolicy() { g_signal_handlers_disconnect_by_data(view_, this); }

gboolean PagePolicy::on_decide(WebKitWebView*, WebKitPolicyDecision* decision, WebKitPolicyDecisionType type, gpointer data) {
  auto& self = *static_cast<PagePolicy*>(data);
  if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE) {
    self.decide_response(WEBKIT_RESPONSE_POLICY_DECISION(decision));
    return TRUE;
  }
  self.decide_navigation(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
  return TRUE;
}

void PagePolicy::decide_navigation(WebKitNavigationPolicyDecision* decision) {
  const char* url = url_of(decision);
  switch (addresses_.check_navigation(url)) {
    case Verdict::allow:
      webkit_policy_decision_use(WEBKIT_POLICY_DECISION(decision));
      break;
    case Verdict::refuse:
      refuse(decision);
      break;
    case Verdict::resolve:
      resolve_then_decide(decision, parse_target(url)->host);
      break;
  }
}

void PagePolicy::refuse(WebKitNavigationPolicyDecision* decision) {
  WebKitNavigationAction* action = webkit_navigation_policy_decision_get_navigation_action(decision);
  loads_.note_refused(url_of(decision), webkit_navigation_action_is_redirect(action), webkit_navigation_action_is_user_gesture(action));
  webkit_policy_decision_ignore(WEBKIT_POLICY_DECISION(decision));
}

void PagePolicy::resolve_then_decide(WebKitNavigationPolicyDecision* decision, const std::string& host) {
  g_object_ref(decision);
  resolve(host, [this, decision](bool is_public) {
    if (is_public) {
      webkit_policy_decision_use(WEBKIT_POLICY_DECISION(decision));
    } else {
      refuse(decision);
    }
    g_object_unref(decision);
  });
}

Work<bool> PagePolicy::permits(Command& command, std::string url) {
  const Verdict verdict = addresses_.check_navigation(url);
  if (verdict != Verdict::resolve) co_return verdict == Verdict::allow;
  const OneShot<bool> answer;
  const std::string host = parse_target(url)->host;
  std::function<void(bool)> tell = [answer](bool is_public) { answer.set(is_public); };
  resolve(host, std::move(tell));
  const std::optional<bool> is_public = co_await answer.wait(command);
  if (!is_public) co_return command.gave_up("the name was not resolved in time");
  co_return *is_public;
}

void PagePolicy::decide_response(WebKitResponsePolicyDecision* decision) {
  WebKitURIResponse* response = webkit_response_policy_decision_get_response(decision);
  const bool is_main = webkit_response_policy_decision_is_main_frame_main_resource(decision);
  const bool shown = webkit_response_policy_decision_is_mime_type_supported(decision) && !is_attachment(response);
  if (is_main) {
    const std::optional<UrlTarget> target = parse_target(webkit_uri_response_get_uri(response));
    const bool is_page = target && (target->scheme == "http" || target->scheme == "https" || target->scheme == "about");
    if (!is_page) return webkit_policy_decision_ignore(WEBKIT_POLICY_DECISION(decision));
    loads_.note_response(static_cast<std::int32_t>(webkit_uri_response_get_status_code(response)));
    if (!shown) loads_.note_download();
  }
  if (shown) {
    webkit_policy_decision_use(WEBKIT_POLICY_DECISION(decision));
  } else {
    webkit_policy_decision_ignore(WEBKIT_POLICY_DECISION(decision));
  }
}

GtkWidget* PagePolicy::on_create(WebKitWebView*, WebKitNavigationAction* action, gpointer data) {
  auto& self = *static_cast<PagePolicy*>(data);
  WebKitURIRequest* request = webkit_navigation_action_get_request(action);
  const std::optional<UrlTarget> target = parse_target(webkit_uri_request_get_uri(request));
  const bool is_page = target && (target->scheme == "http" || target->scheme == "https");
  if (!is_page || !webkit_navigation_action_is_user_gesture(action)) return nullptr;
  self.popups_.note(webkit_uri_request_get_uri(request));
  webkit_web_view_load_request(self.view_, request);
  return nullptr;
}

}  // namespace driftstack::browser_webkit
