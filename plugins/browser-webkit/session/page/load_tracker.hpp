#pragma once
// What the main document is doing: loading, loaded or failed, with which status, and whether its network is quiet. [main-thread]

#include <webkit2/webkit2.h>

#include <optional>
#include <string>
#include <unordered_set>

#include "command.hpp"
#include "driftstack/roles/browser_backend.hpp"

namespace driftstack::browser_webkit {

/// By default what a closed port gives; an address that we refuse reads the same.
struct LoadFailure {
  browser::LoadError kind = browser::LoadError::net;
  std::string message = "could not connect";
};

/// How an expected navigation ended: an HTTP status, or why there is none.
struct NavigationEnd {
  std::int32_t status = 0;
  std::optional<LoadFailure> failure;
};

class LoadTracker {
 public:
  explicit LoadTracker(WebKitWebView* view);
  ~LoadTracker();
  LoadTracker(const LoadTracker&) = delete;
  LoadTracker& operator=(const LoadTracker&) = delete;

  /// Announces a navigation that the caller starts right after. The answer comes when `milestone` is reached or the load failed.
  OneShot<NavigationEnd> expect(std::string url, browser::WaitUntil milestone);
  /// The expected navigation ended without a load, within the document.
  void finish_expected() {
    if (expected_) answer();
  }
  /// The expected navigation is of no interest any more.
  void stop_expecting() { expected_.reset(); }

  /// As if nothing had been loaded: the blank page of the start is not the customer's.
  void forget() { page_state_.reset(); }

  /// Null until a load was seen.
  const std::optional<browser::PageState>& page_state() const { return page_state_; }
  bool loading() const { return loading_; }
  /// Counts main-document loads that were started; a change means that the document is being replaced.
  unsigned loads_started() const { return loads_started_; }

  // Reported by the page policy and the agent.
  void note_response(std::int32_t status) { status_ = status; }
  /// A navigation was stopped before any request was sent.
  void note_refused(const std::string& url, bool is_redirect, bool is_user_gesture);
  /// The main document's address answered with something to save.
  void note_download();
  void note_dom_content_loaded();

 private:
  struct Expected {
    Expected(std::string target, browser::WaitUntil wanted) : url(std::move(target)), milestone(wanted) {}
    std::string url;
    browser::WaitUntil milestone;
    OneShot<NavigationEnd> answer;
    bool started = false;
    bool older_load_ends = false;  // the next end that is reported is that of the load before
  };

  static void on_load_changed(WebKitWebView* view, WebKitLoadEvent event, gpointer self);
  static gboolean on_load_failed(WebKitWebView*, WebKitLoadEvent, const char* uri, GError* error, gpointer self);
  static gboolean on_tls_failed(WebKitWebView*, const char* uri, GTlsCertificate*, GTlsCertificateFlags, gpointer self);
  static void on_resource_started(WebKitWebView*, WebKitWebResource* resource, WebKitURIRequest*, gpointer self);
  static void on_resource_finished(WebKitWebResource* resource, gpointer self);

  bool belongs_to_older_load() const { return expected_ && !expected_->started && expected_->older_load_ends; }
  void started();
  void finished();
  void settle();
  void fail(LoadFailure failure) { failure_ = std::move(failure); }
  void answer();
  void network_changed();
  void set_timer(guint& timer, std::chrono::milliseconds after, GSourceFunc function);
  static void stop_timer(guint& timer);

  WebKitWebView* view_;
  std::optional<browser::PageState> page_state_;
  std::optional<Expected> expected_;
  std::optional<LoadFailure> failure_;
  std::unordered_set<WebKitWebResource*> in_flight_;
  std::int32_t status_ = 0;
  unsigned loads_started_ = 0;
  bool loading_ = false;
  bool committed_ = false;
  bool replaced_ = false;  // the load was cancelled, most likely by another one
  bool is_download_ = false;
  std::optional<browser::PageState> state_before_;  // of the document that stays when the new load turns out to be a download
  guint grace_timer_ = 0;
  guint quiet_timer_ = 0;
};

/// Puts an engine error into one of the kinds of the contract.
LoadFailure classify(const GError& error);

}  // namespace driftstack::browser_webkit
