#include "page/page_policy.hpp"

#include <gio/gio.h>

#include "protocol/url_target.hpp"

namespace driftstack::browser_webkit {
namespace {

const char* url_of(WebKitNavigationPolicyDecision* decision) {
  return webkit_uri_request_get_uri(
      webkit_navigation_action_get_request(webkit_navigation_policy_decision_get_navigation_action(decision)));
}

/// About, data and blob are inside the page. Everything else but the web is a way around it.
bool may_be_opened(const char* url) {
  const std::optional<UrlTarget> target = parse_target(url);
  if (!target) return false;
  if (target->scheme == "about" || target->scheme == "data" || target->scheme == "blob") return true;
  return (target->scheme == "http" || target->scheme == "https") && !target->host.empty();
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

PagePolicy::PagePolicy(WebKitWebView* view, LoadTracker& loads) : view_(view), loads_(loads) {
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
  if (!may_be_opened(url_of(decision))) return refuse(decision);
  webkit_policy_decision_use(WEBKIT_POLICY_DECISION(decision));
}

void PagePolicy::refuse(WebKitNavigationPolicyDecision* decision) {
  WebKitNavigationAction* action = webkit_navigation_policy_decision_get_navigation_action(decision);
  loads_.note_refused(url_of(decision), webkit_navigation_action_is_redirect(action), webkit_navigation_action_is_user_gesture(action));
  webkit_policy_decision_ignore(WEBKIT_POLICY_DECISION(decision));
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
