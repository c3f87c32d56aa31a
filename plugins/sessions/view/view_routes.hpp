#pragma once
// POST /v1/sessions/{id}/view-token, GET /v1/sessions/{id}/view.

#include <memory>
#include <string>

#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driftstack/support/routes.hpp"
#include "in_flight.hpp"
#include "log/operation_notes.hpp"
#include "session_registry.hpp"
#include "store.hpp"
#include "view/view_token_store.hpp"
#include "view/view_wire.hpp"
#include "view/viewers.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ViewRoutes {
 public:
  /// `view` may be null: then nothing can be shown, and tokens are refused.
  ViewRoutes(Host& host, SessionStore& sessions, SessionRegistry& registry, ViewTokenStore& store, const AccountDirectory& accounts,
             OperationNotes& notes, InFlight& in_flight, browser::View* view)
      : host_(host),
        sessions_(sessions),
        registry_(registry),
        store_(store),
        accounts_(accounts),
        notes_(notes),
        in_flight_(in_flight),
        view_(view),
        viewers_(std::make_shared<Viewers>()) {}

  void declare(Routes& routes);

  AsyncResult<body::ViewToken> make_token(const Call& call, const Request& request, body::ViewTokenCreate body);
  AsyncResult<Response> view(const Call& call, const Request& request);

 private:
  AsyncResult<ViewToken> token_of(const Call& call, const Request& request);

  Host& host_;
  SessionStore& sessions_;
  SessionRegistry& registry_;
  ViewTokenStore& store_;
  const AccountDirectory& accounts_;
  OperationNotes& notes_;
  InFlight& in_flight_;
  browser::View* view_;
  std::shared_ptr<Viewers> viewers_;  // streams end when their clients do, perhaps after this
};

}  // namespace driftstack::sessions
