#pragma once
// What a page may do beyond showing itself: where it may go, and the answer to every question that it would ask a person. [main-thread]
//
// Which addresses it reaches is decided outside of this process, by the egress of the server. Permissions are denied, downloads cancelled,
// HTTP authentication goes on without credentials; a window that the page opens is loaded in the one view that there is. Dialogs:
// dialogs.hpp; files and options to choose from: choosers.hpp.

#include <webkit2/webkit2.h>

#include "page/load_tracker.hpp"
#include "page/popups.hpp"

namespace driftstack::browser_webkit {

class PagePolicy {
 public:
  PagePolicy(WebKitWebView* view, LoadTracker& loads);
  ~PagePolicy();
  PagePolicy(const PagePolicy&) = delete;
  PagePolicy& operator=(const PagePolicy&) = delete;

  const Popups& popups() const { return popups_; }

 private:
  static gboolean on_decide(WebKitWebView*, WebKitPolicyDecision*, WebKitPolicyDecisionType, gpointer self);
  void decide_navigation(WebKitNavigationPolicyDecision* decision);
  void decide_response(WebKitResponsePolicyDecision* decision);
  void refuse(WebKitNavigationPolicyDecision* decision);
  static GtkWidget* on_create(WebKitWebView*, WebKitNavigationAction*, gpointer self);

  WebKitWebView* view_;
  LoadTracker& loads_;
  Popups popups_;
};

}  // namespace driftstack::browser_webkit
