#include "routes.hpp"

#include <utility>

namespace driftstack::audit {

void Operations::declare(Routes& routes) {
  routes.get("/v1/account/audit-log", "list_audit_log", "The audit log of the account, newest first.")
      .bearer(ScopeSet{Scope::read_audit}, TeamAccess::member_read)
      .query<ListQuery>()
      .to<&Operations::list>(*this);
  routes.get("/v1/account/audit-log/export", "export_audit_log", "The newest 10,000 entries of the audit log as a JSON or CSV file.")
      .bearer(ScopeSet{Scope::read_audit}, TeamAccess::member_read)
      .query<ExportQuery>()
      .answers<ExportView>()
      .to<&Operations::export_log>(*this);
}

AsyncResult<Page<EntryView>> Operations::list(const Call& call, const Request& request) {
  auto query = bind_query<ListQuery>(request);
  if (!query) co_return std::move(query).error();
  co_return co_await listing_.page(call, std::move(*query));
}

AsyncResult<Response> Operations::export_log(const Call& call, const Request& request) {
  auto query = bind_query<ExportQuery>(request);
  if (!query) co_return std::move(query).error();
  co_return co_await export_.write(call, std::move(*query));
}

}  // namespace driftstack::audit
