#pragma once
// The page on which people look at sessions: three files of this plugin's package, nothing from elsewhere.

#include <string>

#include "driftstack/support/routes.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ViewerPage {
 public:
  /// Reads the files; Errc::unavailable names the one that is missing.
  Result<> load(const std::string& package_directory);
  void declare(Routes& routes);

  AsyncResult<Response> page(const Call& call, const Request& request);
  AsyncResult<Response> script(const Call& call, const Request& request);
  AsyncResult<Response> style(const Call& call, const Request& request);

 private:
  std::string page_, script_, style_;
};

}  // namespace driftstack::sessions
