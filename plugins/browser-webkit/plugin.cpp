#include "driftstack/plugin.hpp"

#include <memory>

#include "backend.hpp"
#include "protocol/url_target.hpp"

namespace driftstack::browser_webkit {

class BrowserWebkit final : public Plugin {
 public:
  explicit BrowserWebkit(Host& host) noexcept : host_(host), backend_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    Result<SessionUser> user = resolve_session_user(settings.text("session_user"));
    if (!user) return std::move(user.error());
    options_.user = *user;
    options_.warm_sessions = static_cast<std::size_t>(settings.integer("warm_sessions"));
    options_.max_sessions = static_cast<std::size_t>(settings.integer("max_sessions"));
    options_.memory_limit = settings.bytes("memory_limit");
    options_.start_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(settings.duration("start_timeout"));
    options_.sandbox_required = settings.text("sandbox") == "on";
    const std::optional<UrlTarget> probe = parse_host_and_port(settings.text("proxy_probe"));
    if (!probe) return Error(Errc::misuse, "proxy_probe must be host:port");
    options_.probe_target = EgressTarget{probe->host, probe->port};
    options_.disk_limit = settings.bytes("disk_limit");
    options_.traffic_limit = settings.bytes("traffic_limit");
    const std::optional<AllowedTargets> allowed = AllowedTargets::make(settings.list("egress_allow"));
    if (!allowed) return Error(Errc::misuse, "egress_allow: each entry must be host:port");
    options_.egress_allow = *allowed;
    options_.program =
        settings.has("session_program") ? settings.text("session_program") : host_.package_directory() + "/driftstack-webkit-session";
    if (settings.has("runtime_directory")) runtime_directory_ = settings.text("runtime_directory");
    return Done();
  }

  AsyncResult<> start() override { return backend_.open(options_, runtime_directory_); }
  AsyncResult<> stop() override { return backend_.close(); }

  void* provide(InterfaceId id) noexcept override {
    if (id == browser::Backend::kId) return static_cast<browser::Backend*>(&backend_);
    if (id == browser::View::kId) return static_cast<browser::View*>(&backend_);
    if (id == MachineCheck::kId) return static_cast<MachineCheck*>(&backend_);
    return nullptr;
  }

 private:
  Host& host_;
  FleetOptions options_;
  std::string runtime_directory_;
  WebkitBackend backend_;
};

}  // namespace driftstack::browser_webkit

DRIFTSTACK_PLUGIN(driftstack::browser_webkit::BrowserWebkit)
