#pragma once
// Windows that the page opened; each was loaded in the one view that there is. [main-thread]

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"

namespace driftstack::browser_webkit {

class Popups {
 public:
  void note(std::string url) {
    if (all_.size() == kMost) all_.erase(all_.begin());
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    browser::Popup popup;
    popup.url = std::move(url);
    popup.at = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    all_.push_back(std::move(popup));
  }
  const std::vector<browser::Popup>& all() const { return all_; }

 private:
  static constexpr std::size_t kMost = 100;  // the latest; a page may open windows without end
  std::vector<browser::Popup> all_;
};

}  // namespace driftstack::browser_webkit
