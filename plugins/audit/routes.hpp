#pragma once
// The operations of this plugin.

#include "driftstack/http.hpp"
#include "driftstack/support/routes.hpp"
#include "export.hpp"
#include "listing.hpp"

namespace driftstack::audit {

/// [io-thread]
class Operations {
 public:
  Operations(Listing& listing, Export& exporter) noexcept : listing_(listing), export_(exporter) {}
  /// Declares every route; this object must outlive them.
  void declare(Routes& routes);

  AsyncResult<Page<EntryView>> list(const Call& call, const Request& request);
  AsyncResult<Response> export_log(const Call& call, const Request& request);

 private:
  Listing& listing_;
  Export& export_;
};

}  // namespace driftstack::audit
