#pragma once
// The routes of sessions.md 4 and 9.

#include "archetype_catalog.hpp"
#include "driftstack/support/routes.hpp"
#include "session_creator.hpp"
#include "session_ender.hpp"
#include "session_lists.hpp"
#include "session_operations.hpp"

namespace driftstack::sessions {

/// HTTP on one side, sessions on the other; decides nothing itself. [io-thread]
class SessionRoutes {
 public:
  SessionRoutes(SessionCreator& creator, SessionLists& lists, SessionOperations& operations, SessionEnder& ender,
                const ArchetypeCatalog& catalog)
      : creator_(creator), lists_(lists), operations_(operations), ender_(ender), catalog_(catalog) {}

  void declare(Routes& routes);

  AsyncResult<Response> create(const Call& call, const Request& request, body::SessionCreate body);
  AsyncResult<Page<body::Session>> list(const Call& call, const Request& request);
  AsyncResult<body::Session> get(const Call& call, const Request& request);
  AsyncResult<> destroy(const Call& call, const Request& request);
  AsyncResult<body::Navigated> navigate(const Call& call, const Request& request, body::Navigate body);
  AsyncResult<body::Interacted> interact(const Call& call, const Request& request, body::Interact body);
  AsyncResult<browser::Waited> wait(const Call& call, const Request& request, body::Wait body);
  AsyncResult<Response> state(const Call& call, const Request& request);
  AsyncResult<Response> capture(const Call& call, const Request& request, body::Capture body);
  AsyncResult<Response> extract(const Call& call, const Request& request, body::Extract body);
  AsyncResult<> not_integrated(const Call& call, const Request& request);
  AsyncResult<browser::Searched> search(const Call& call, const Request& request, body::Search body);
  AsyncResult<browser::LoggedIn> login(const Call& call, const Request& request, body::Login body);
  AsyncResult<Response> retired(const Call& call, const Request& request);
  AsyncResult<body::ArchetypeList> archetypes(const Call& call, const Request& request);

 private:
  SessionCreator& creator_;
  SessionLists& lists_;
  SessionOperations& operations_;
  SessionEnder& ender_;
  const ArchetypeCatalog& catalog_;
};

}  // namespace driftstack::sessions
