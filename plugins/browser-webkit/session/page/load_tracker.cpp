#include "page/load_tracker.hpp"

#include <algorithm>

#include "driftstack/support/utf8.hpp"

namespace driftstack::browser_webkit {
namespace {

// A load that the page replaces ends as "cancelled" right before the next one starts.
constexpr std::chrono::milliseconds kReplacementGrace{100};
// `networkidle`: no request in flight for this long (the usual meaning of the word among browser drivers).
constexpr std::chrono::milliseconds kQuietNetwork{500};
constexpr std::size_t kMostMessageBytes = 500;  // PageError.message, sessions.md 4.7
constexpr std::int32_t kFirstHttpError = 400;
constexpr std::int32_t kOk = 200;
constexpr std::int32_t kNoContent = 204;
constexpr std::int32_t kResetContent = 205;

browser::PageState make_state(browser::PageLoad load) {
  browser::PageState state;
  state.state = load;
  return state;
}

}  // namespace

LoadFailure classify(const GError& error) {
  LoadFailure failure;
  // These two are the egress guard's words for them (egress/socks.hpp).
  if (g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)) {
    failure.kind = browser::LoadError::dns;
    failure.message = "the name of the server was not found";
    return failure;
  }
  const bool timed_out =
      g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || g_error_matches(&error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE);
  if (timed_out) {
    failure.kind = browser::LoadError::timeout;
    failure.message = "the server did not answer in time";
    return failure;
  }
  // A closed port and an address that we refuse read the same.
  if (error.domain == WEBKIT_POLICY_ERROR || error.domain == G_IO_ERROR) return failure;
  failure.message = std::string(utf8_prefix(error.message == nullptr ? "" : error.message, kMostMessageBytes));
  if (error.domain == G_TLS_ERROR) failure.kind = browser::LoadError::tls;
  return failure;
}

LoadTracker::LoadTracker(WebKitWebView* view) : view_(view) {
  g_signal_connect(view, "load-changed", G_CALLBACK(on_load_changed), this);
  g_signal_connect(view, "load-failed", G_CALLBACK(on_load_failed), this);
  g_signal_connect(view, "load-failed-with-tls-errors", G_CALLBACK(on_tls_failed), this);
  g_signal_connect(view, "resource-load-started", G_CALLBACK(on_resource_started), this);
}

LoadTracker::~LoadTracker() {
  g_signal_handlers_disconnect_by_data(view_, this);
  stop_timer(grace_timer_);
  stop_timer(quiet_timer_);
}

OneShot<NavigationEnd> LoadTracker::expect(std::string url, browser::WaitUntil milestone) {
  failure_.reset();
  expected_.emplace(std::move(url), milestone);
  expected_->older_load_ends = loading_;
  return expected_->answer;
}

void LoadTracker::on_load_changed(WebKitWebView*, WebKitLoadEvent event, gpointer data) {
  auto& self = *static_cast<LoadTracker*>(data);
  switch (event) {
    case WEBKIT_LOAD_STARTED:
      self.started();
      break;
    case WEBKIT_LOAD_REDIRECTED:
      break;
    case WEBKIT_LOAD_COMMITTED:
      self.committed_ = true;
      break;
    case WEBKIT_LOAD_FINISHED:
      self.finished();
      break;
  }
}

void LoadTracker::started() {
  stop_timer(grace_timer_);
  stop_timer(quiet_timer_);
  in_flight_.clear();
  failure_.reset();
  status_ = 0;
  ++loads_started_;
  loading_ = true;
  committed_ = false;
  replaced_ = false;
  is_download_ = false;
  state_before_ = page_state_;
  page_state_ = make_state(browser::PageLoad::loading);
  if (expected_) expected_->started = true;
}

void LoadTracker::finished() {
  loading_ = false;
  if (belongs_to_older_load()) {
    expected_->older_load_ends = false;
    return;
  }
  if (!replaced_) return settle();
  set_timer(grace_timer_, kReplacementGrace, [](gpointer data) -> gboolean {
    auto& self = *static_cast<LoadTracker*>(data);
    self.grace_timer_ = 0;
    self.settle();
    return G_SOURCE_REMOVE;
  });
}

void LoadTracker::settle() {
  const char* uri = webkit_web_view_get_uri(view_);
  const bool is_blank = uri == nullptr || std::string_view(uri) == "about:blank";
  // A port that the engine refuses ends here without any failure.
  if (expected_ && !failure_ && is_blank && expected_->url != "about:blank") {
    failure_.emplace();
  }
  if (failure_ && !is_download_ && (status_ == kNoContent || status_ == kResetContent)) failure_.reset();  // the page stays, as it should
  if (is_download_ && !expected_) {
    page_state_ = state_before_;
    return;
  }
  page_state_ = make_state(browser::PageLoad::loaded);
  if (failure_ || status_ >= kFirstHttpError) {
    page_state_->state = browser::PageLoad::errored;
    browser::PageError& error = page_state_->error.emplace();
    error.kind = failure_ ? failure_->kind : browser::LoadError::http;
    error.message = failure_ ? failure_->message : "the server answered " + std::to_string(status_);
    if (!failure_) error.http_status = status_;
  }
  if (!expected_) return;
  if (failure_ || expected_->milestone != browser::WaitUntil::networkidle) return answer();
  network_changed();
}

void LoadTracker::answer() {
  NavigationEnd end;
  end.status = status_ == 0 ? kOk : status_;
  end.failure = failure_;
  expected_->answer.set(std::move(end));
  expected_.reset();
  stop_timer(quiet_timer_);
}

gboolean LoadTracker::on_load_failed(WebKitWebView*, WebKitLoadEvent, const char*, GError* error, gpointer data) {
  auto& self = *static_cast<LoadTracker*>(data);
  if (self.belongs_to_older_load()) return TRUE;
  if (!self.failure_) self.fail(classify(*error));
  self.replaced_ = g_error_matches(error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED);
  return TRUE;  // no error page of the engine
}

gboolean LoadTracker::on_tls_failed(WebKitWebView*, const char*, GTlsCertificate*, GTlsCertificateFlags, gpointer data) {
  LoadFailure failure;
  failure.kind = browser::LoadError::tls;
  failure.message = "the server's certificate is not trusted";
  static_cast<LoadTracker*>(data)->fail(std::move(failure));
  return TRUE;
}

void LoadTracker::note_refused(const std::string& url, bool is_redirect, bool is_user_gesture) {
  // The engine does not say which frame wanted to go there. Before the new document is there only the main frame can be redirected, and
  // what a person starts on a finished page is nearly always the main frame's.
  const bool expected = expected_ && !expected_->started && expected_->url == url;
  const bool redirected = loading_ && !committed_ && is_redirect;
  const bool followed = !expected_ && !loading_ && is_user_gesture;
  if (!expected && !redirected && !followed) return;
  fail(LoadFailure());
  settle();
}

void LoadTracker::note_download() {
  is_download_ = true;
  LoadFailure failure;
  failure.message = "the address answers with a download, not with a page";
  fail(std::move(failure));
}

void LoadTracker::note_dom_content_loaded() {
  if (expected_ && committed_ && expected_->milestone == browser::WaitUntil::domcontentloaded) answer();
}

void LoadTracker::on_resource_started(WebKitWebView*, WebKitWebResource* resource, WebKitURIRequest*, gpointer data) {
  auto& self = *static_cast<LoadTracker*>(data);
  g_signal_connect(resource, "finished", G_CALLBACK(on_resource_finished), data);
  self.in_flight_.insert(resource);
  self.network_changed();
}

void LoadTracker::on_resource_finished(WebKitWebResource* resource, gpointer data) {
  auto& self = *static_cast<LoadTracker*>(data);
  g_signal_handlers_disconnect_by_data(resource, data);
  self.in_flight_.erase(resource);
  self.network_changed();
}

void LoadTracker::network_changed() {
  stop_timer(quiet_timer_);
  const bool awaited = expected_ && expected_->milestone == browser::WaitUntil::networkidle;
  if (!awaited || loading_ || !in_flight_.empty()) return;
  set_timer(quiet_timer_, kQuietNetwork, [](gpointer data) -> gboolean {
    auto& self = *static_cast<LoadTracker*>(data);
    self.quiet_timer_ = 0;
    if (self.expected_) self.answer();
    return G_SOURCE_REMOVE;
  });
}

void LoadTracker::set_timer(guint& timer, std::chrono::milliseconds after, GSourceFunc function) {
  stop_timer(timer);
  timer = g_timeout_add(static_cast<guint>(after.count()), function, this);
}

void LoadTracker::stop_timer(guint& timer) {
  if (timer != 0) g_source_remove(std::exchange(timer, 0));
}

}  // namespace driftstack::browser_webkit
