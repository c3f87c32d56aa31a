// GET /metrics for Prometheus. See README.md.

#include "driftstack/plugin.hpp"

#include <memory>
#include <utility>

#include "driftstack/support/routes.hpp"
#include "exposition.hpp"
#include "scrape_token.hpp"

namespace driftstack::metrics_prometheus {

class MetricsPrometheus final : public Plugin {
 public:
  explicit MetricsPrometheus(Host& host) : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    const bool is_set = settings.has("scrape_token");
    token_ = std::make_unique<ScrapeToken>(is_set ? settings.secret("scrape_token") : std::string());
    if (is_set && !token_->is_configured())
      return Error(Errc::validation_failed, "scrape_token is empty; set a token or leave the key out");
    routes_.get("/metrics", "get_metrics", "Counters of this server in the Prometheus text format.")
        .access(Authentication::scrape_token, ScopeSet(), TeamAccess::not_applicable, "ip:public")
        .content_type(kContentType)
        .to<&MetricsPrometheus::metrics>(*this);
    return Done();
  }

  AsyncResult<> start() override {
    if (!token_->is_configured()) host_.log().warn("no scrape_token is set: GET /metrics answers 503");
    co_return Done();
  }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override { return id == RouteSource::kId ? static_cast<RouteSource*>(&routes_) : nullptr; }

 private:
  AsyncResult<Response> metrics(const Call&, const Request& request) {
    if (auto allowed = token_->check(request); !allowed) co_return std::move(allowed).error();
    Response response(200, exposition(host_.metrics()));
    response.content_type = kContentType;
    co_return response;
  }

  Host& host_;
  std::unique_ptr<ScrapeToken> token_;
  Routes routes_{"operations"};
};

}  // namespace driftstack::metrics_prometheus

DRIFTSTACK_PLUGIN(driftstack::metrics_prometheus::MetricsPrometheus)
