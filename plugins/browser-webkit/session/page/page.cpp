#include "page/page.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

constexpr const char* kMessageHandler = "driftstack";  // window.webkit.messageHandlers.<name> in the isolated world
constexpr const char* kFrameHandler = "driftstackFrames";
constexpr const char* kBlankPage = "about:blank";
constexpr std::chrono::seconds kLeavePatience{3};  // a page that is not hung takes milliseconds

/// Switches that have no function of their own. Each lets a page, or the engine on a page's behalf, connect ahead of any policy decision.
void forbid_connecting_ahead(WebKitSettings* settings) {
  constexpr std::array<std::string_view, 4> kAhead = {"LinkPreconnect", "LinkPreconnectEarlyHints", "LinkDNSPrefetch", "LinkPrefetch"};
  WebKitFeatureList* features = webkit_settings_get_all_features();
  for (gsize i = 0; i < webkit_feature_list_get_length(features); ++i) {
    WebKitFeature* feature = webkit_feature_list_get(features, i);
    const bool ahead = std::find(kAhead.begin(), kAhead.end(), webkit_feature_get_identifier(feature)) != kAhead.end();
    if (ahead) webkit_settings_set_feature_enabled(settings, feature, FALSE);
  }
  webkit_feature_list_unref(features);
}

std::string_view describe(WebKitWebProcessTerminationReason reason) {
  switch (reason) {
    case WEBKIT_WEB_PROCESS_CRASHED:
      return "the web process crashed";
    case WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT:
      return "the web process exceeded its memory limit";
    case WEBKIT_WEB_PROCESS_TERMINATED_BY_API:
      return "the web process was ended";
  }
  return "the web process ended";
}

}  // namespace

Page::Page(const protocol::Start& settings, const std::string& directory, std::function<void(std::string)> on_gone)
    : settings_(settings), directory_(directory), on_gone_(std::move(on_gone)) {
  WebKitWebContext* context = make_context();
  WebKitSettings* view_settings = make_settings();
  content_ = webkit_user_content_manager_new();
  WebKitUserScript* agent = make_agent_script();
  webkit_user_content_manager_add_script(content_, agent);
  webkit_user_script_unref(agent);
  g_signal_connect(content_, (std::string("script-message-received::") + kMessageHandler).c_str(), G_CALLBACK(on_agent_message), this);
  webkit_user_content_manager_register_script_message_handler_in_world(content_, kMessageHandler, kWorldName);
  g_signal_connect(content_, (std::string("script-message-with-reply-received::") + kFrameHandler).c_str(), G_CALLBACK(on_frame_message),
                   this);
  webkit_user_content_manager_register_script_message_handler_with_reply(content_, kFrameHandler, kWorldName);

  view_ = WEBKIT_WEB_VIEW(
      g_object_new(WEBKIT_TYPE_WEB_VIEW, "web-context", context, "settings", view_settings, "user-content-manager", content_, nullptr));
  g_object_unref(view_settings);
  g_object_unref(context);
  g_signal_connect(view_, "web-process-terminated", G_CALLBACK(on_terminated), this);
  g_signal_connect(view_, "load-changed", G_CALLBACK(on_load_changed), this);
  world_ = std::make_unique<IsolatedWorld>(view_);
  loads_ = std::make_unique<LoadTracker>(view_);
  dialogs_ = std::make_unique<Dialogs>(view_);
  choosers_ = std::make_unique<Choosers>(view_);

  window_ = gtk_window_new(GTK_WINDOW_TOPLEVEL);
  gtk_window_set_decorated(GTK_WINDOW(window_), FALSE);
  gtk_window_set_default_size(GTK_WINDOW(window_), settings_.width, settings_.height);
  gtk_container_add(GTK_CONTAINER(window_), GTK_WIDGET(view_));
  gtk_widget_show_all(window_);
  gtk_widget_grab_focus(GTK_WIDGET(view_));
}

Page::~Page() {
  g_signal_handlers_disconnect_by_data(view_, this);
  g_signal_handlers_disconnect_by_data(content_, this);
  policy_.reset();
  choosers_.reset();
  dialogs_.reset();
  loads_.reset();
  world_.reset();
  gtk_widget_destroy(window_);
  g_object_unref(content_);
}

WebKitWebContext* Page::make_context() const {
  // A persistent kind of store in a directory that dies with the session: an ephemeral one would suppress console messages.
  const std::string data = directory_ + "/data";
  const std::string cache = directory_ + "/cache";
  WebKitWebsiteDataManager* store =
      webkit_website_data_manager_new("base-data-directory", data.c_str(), "base-cache-directory", cache.c_str(), nullptr);
  auto* context = WEBKIT_WEB_CONTEXT(
      g_object_new(WEBKIT_TYPE_WEB_CONTEXT, "website-data-manager", store, "time-zone-override", settings_.time_zone.c_str(), nullptr));
  const std::string proxy = "socks5://127.0.0.1:" + std::to_string(settings_.egress_port);
  WebKitNetworkProxySettings* way_out =
      webkit_network_proxy_settings_new(proxy.c_str(), nullptr);  // nothing goes past it, loopback neither
  webkit_website_data_manager_set_network_proxy_settings(store, WEBKIT_NETWORK_PROXY_MODE_CUSTOM, way_out);
  webkit_network_proxy_settings_free(way_out);
  g_object_unref(store);
  webkit_web_context_set_sandbox_enabled(context, settings_.engine_sandbox ? TRUE : FALSE);
  webkit_web_context_set_cache_model(context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
  webkit_web_context_set_spell_checking_enabled(context, FALSE);
  std::vector<const char*> languages;
  for (const std::string& language : settings_.languages) languages.push_back(language.c_str());
  languages.push_back(nullptr);
  webkit_web_context_set_preferred_languages(context, languages.data());
  return context;
}

WebKitSettings* Page::make_settings() const {
  WebKitSettings* settings = webkit_settings_new();
  webkit_settings_set_hardware_acceleration_policy(settings, WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER);
  webkit_settings_set_enable_smooth_scrolling(settings, FALSE);  // a wheel turn has its full effect at once
  webkit_settings_set_enable_developer_extras(settings, FALSE);
  webkit_settings_set_javascript_can_open_windows_automatically(settings, FALSE);
  webkit_settings_set_enable_page_cache(settings, FALSE);
  webkit_settings_set_enable_media_stream(settings, FALSE);
  webkit_settings_set_enable_webrtc(settings, FALSE);
  webkit_settings_set_enable_fullscreen(settings, FALSE);
  webkit_settings_set_media_playback_requires_user_gesture(settings, TRUE);
  webkit_settings_set_enable_back_forward_navigation_gestures(settings, FALSE);
  forbid_connecting_ahead(settings);
  if (settings_.user_agent) webkit_settings_set_user_agent(settings, settings_.user_agent->c_str());
  return settings;
}

void Page::on_agent_message(WebKitUserContentManager*, WebKitJavascriptResult* message, gpointer data) {
  auto& self = *static_cast<Page*>(data);
  char* text = jsc_value_to_string(webkit_javascript_result_get_js_value(message));
  const std::string_view kind(text);
  if (kind == "domcontentloaded") {
    self.loads_->note_dom_content_loaded();
  } else {
    self.acks_.note(kind);
  }
  g_free(text);
}

gboolean Page::on_frame_message(WebKitUserContentManager*, JSCValue* message, WebKitScriptMessageReply* reply, gpointer data) {
  char* text = jsc_value_to_string(message);
  static_cast<Page*>(data)->world_->frames().note(text, jsc_value_get_context(message), reply);
  g_free(text);
  return TRUE;
}

void Page::on_load_changed(WebKitWebView*, WebKitLoadEvent event, gpointer data) {
  if (event == WEBKIT_LOAD_COMMITTED) static_cast<Page*>(data)->world_->frames().forget_all();
}

void Page::on_terminated(WebKitWebView*, WebKitWebProcessTerminationReason reason, gpointer data) {
  static_cast<Page*>(data)->on_gone_(std::string(describe(reason)));
}

Work<> Page::prepare(Command& command) {
  policy_ = std::make_unique<PagePolicy>(view_, *loads_);
  const OneShot<NavigationEnd> loaded = loads_->expect(kBlankPage, browser::WaitUntil::load);
  webkit_web_view_load_uri(view_, kBlankPage);  // starts the engine's processes
  const std::optional<NavigationEnd> end = co_await loaded.wait(command);
  if (!end) co_return command.gave_up("the engine did not start in time");
  loads_->forget();
  co_return Done();
}

Task<> Page::leave(Command& command) {
  const OneShot<NavigationEnd> left = loads_->expect(kBlankPage, browser::WaitUntil::load);
  webkit_web_view_load_uri(view_, kBlankPage);
  const Deadline until = SteadyClock::now() + kLeavePatience;
  co_await left.wait(command, until);
}

}  // namespace driftstack::browser_webkit
