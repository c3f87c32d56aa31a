#include "kernel/server/server.hpp"

#include <algorithm>
#include <set>

#include "kernel/config/document.hpp"
#include "kernel/config/secret_reference.hpp"
#include "kernel/config/server_schema.hpp"
#include "kernel/config/show.hpp"
#include "kernel/config/value_syntax.hpp"
#include "kernel/pipeline/docs_page.hpp"
#include "kernel/pipeline/openapi.hpp"
#include "kernel/server/data_directory.hpp"
#include "kernel/server/version.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::seconds kStartLimit{30};

std::vector<std::pair<std::string, std::string>> shown(const ServerConfiguration& configuration) {
  std::vector<std::pair<std::string, std::string>> list;
  for (auto& setting : shown_settings(configuration.document, configuration.schema)) list.emplace_back(setting.key, setting.toml);
  return list;
}

/// Does the description of a dotted key say that a change takes effect while the server runs?
bool applies_on_reload(const Schema& schema, std::string_view key) {
  const Schema* level = &schema;
  while (true) {
    const auto dot = key.find('.');
    const Setting* setting = find_setting(*level, key.substr(0, dot));
    if (!setting) return false;
    if (dot == std::string_view::npos) return setting->applies == Applies::reload;
    level = &setting->children;
    key.remove_prefix(dot + 1);
  }
}

Result<TlsIdentity> read_tls_identity(const CheckedSettings& server, const SecretSources& secrets) {
  auto certificate = read_config_file(server.string("tls_certificate"));
  if (!certificate.value) return Error(Errc::validation_failed, certificate.findings.front().line());
  auto key = resolve_secret(server.secret("tls_key"), secrets);
  if (!key.value) return Error(Errc::validation_failed, key.findings.front().line());
  return TlsIdentity{*std::move(certificate.value), std::string(key.value->view())};
}

/// Host header values that name this server: what the operator listed, the public URL, the listening address, and loopback names when bound
/// there.
std::vector<std::string> accepted_hosts(const CheckedSettings& server) {
  std::set<std::string> hosts;
  for (const auto& host : server.list("allowed_hosts")) hosts.insert(host);
  const auto add_authority = [&](std::string_view authority) {
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) authority = authority.substr(0, colon);
    hosts.emplace(authority);
  };
  if (const auto url = parse_url(public_url_of(server))) add_authority(url->authority);
  if (const auto listen = parse_host_port(server.string("listen"))) {
    hosts.insert(listen->host.find(':') == std::string::npos ? listen->host : "[" + listen->host + "]");
    if (is_loopback_host(listen->host)) hosts.insert({"localhost", "127.0.0.1", "[::1]"});
  }
  std::vector<std::string> lower;
  for (auto host : hosts) {
    for (char& c : host)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    lower.push_back(std::move(host));
  }
  return lower;
}

}  // namespace

Server::Server(Core& core)
    : core_(core), readiness_(core.clock(), core.worker_ticks()), core_routes_(readiness_), shown_settings_(shown(core.configuration())) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return http_->bound_port(); }

PipelineOptions Server::pipeline_options(const CheckedSettings& settings, std::uint32_t io_threads) {
  const auto& server = settings.table("server");
  PipelineOptions options;
  options.allowed_hosts = accepted_hosts(server);
  options.cors_origins = server.list("cors_origins");
  for (const auto& range : server.list("trusted_proxies"))
    if (const auto network = Network::parse(range)) options.trusted_proxies.push_back(*network);
  options.hsts = server.boolean("hsts");
  options.io_threads = io_threads;
  return options;
}

Result<ServerOptions> Server::server_options(const CheckedSettings& settings) const {
  const auto& server = settings.table("server");
  ServerOptions options;
  const auto listen = parse_host_port(server.string("listen"));
  if (!listen) return Error(Errc::internal, "server.listen is not an address");
  options.listen = {ListenAddress{listen->host, listen->port}};
  if (server.has("tls_certificate")) {
    auto identity = read_tls_identity(server, core_.secret_sources());
    if (!identity) return std::move(identity).error();
    options.tls = *std::move(identity);
  }
  options.max_connections = static_cast<std::size_t>(server.integer("max_connections"));
  options.max_connections_per_address = static_cast<std::size_t>(server.integer("max_connections_per_address"));
  options.head_timeout = server.duration("head_timeout");
  options.idle_timeout = server.duration("idle_timeout");
  options.body_min_rate = server.bytes("body_min_rate");
  options.write_timeout = server.duration("write_timeout");
  options.uncounted = [trusted = pipeline_options(settings, 1).trusted_proxies](const PeerAddress& peer) {
    return std::any_of(trusted.begin(), trusted.end(), [&](const Network& network) { return network.contains(peer.bytes); });
  };
  return options;
}

void Server::add_generation(const CheckedSettings& settings) {
  generations_.push_back(std::make_unique<Pipeline>(pipeline_options(settings, core_.io().io_threads()), parts_));
  current_.store(generations_.back().get(), std::memory_order_release);
}

Result<> Server::mount_routes() {
  auto* limiter = core_.find<RateLimiter>();
  routes_ = std::make_unique<RouteTable>([limiter](std::string_view bucket) { return !limiter || limiter->knows(bucket); });
  for (const auto& route : core_routes_.routes())
    if (auto mounted = routes_->mount("kernel", route); !mounted) return mounted;
  for (const auto& provider : core_.lifecycle().find_all(RouteSource::kId)) {
    for (const auto& route : static_cast<RouteSource*>(provider.interface)->routes())
      if (auto mounted = routes_->mount(provider.plugin, route); !mounted) return mounted;
  }
  for (const auto& provider : core_.lifecycle().find_all(HealthCheck::kId)) readiness_.add(*static_cast<HealthCheck*>(provider.interface));
  std::vector<std::string> missing;
  for (const auto& plugin : core_.lifecycle().statuses())
    if (plugin.required && plugin.state != PluginStatus::State::running) missing.push_back(plugin.name);
  readiness_.set_missing(std::move(missing));
  const auto all = routes_->routes();
  const std::string version(kVersion);
  core_routes_.set_documents(openapi_document(all, version, core_.public_url()), docs_page(all, version, core_.public_url()));
  return Done();
}

Result<> Server::prepare_idempotency() {
  auto* database = core_.find<db::Database>();
  if (!database) return Done();
  auto node = node_id(core_.data_directory());
  if (!node) return std::move(node).error();
  idempotency_ = std::make_unique<IdempotencyStore>(*database, core_.io(), core_.clock(), *std::move(node));
  return core_.run<Done>([this](const Call& call) { return idempotency_->prepare(call); }, kStartLimit);
}

Result<> Server::start() {
  if (auto mounted = mount_routes(); !mounted) return mounted;
  if (auto prepared = prepare_idempotency(); !prepared) return prepared;
  parts_ = PipelineParts{routes_.get(),
                         core_.find<Authenticator>(),
                         core_.find<RateLimiter>(),
                         idempotency_.get(),
                         &core_.log(),
                         &core_.metrics(),
                         &core_.clock(),
                         &core_.secrets()};
  add_generation(core_.configuration().settings);
  auto options = server_options(core_.configuration().settings);
  if (!options) return std::move(options).error();
  RequestHandler& handler = *this;
  http_ = std::make_unique<HttpServer>(*std::move(options), core_.io(), handler, core_.log(), core_.metrics());
  if (idempotency_)
    housekeeping_ = std::make_unique<Housekeeping>(core_.io(), core_.clock(), core_.log(), *idempotency_,
                                                   core_.worker_ticks().add("kernel.housekeeping"));
  return http_->start();
}

std::vector<std::string> Server::reload(const ServerConfiguration& fresh) {
  auto now = shown(fresh);
  std::vector<std::string> need_restart;
  std::set<std::pair<std::string, std::string>> before(shown_settings_.begin(), shown_settings_.end());
  for (const auto& entry : now)
    if (!before.contains(entry) && !applies_on_reload(fresh.schema, entry.first)) need_restart.push_back(entry.first);
  add_generation(fresh.settings);
  auto options = server_options(fresh.settings);
  auto applied = options ? http_->reload(*std::move(options)) : Result<>(std::move(options).error());
  if (!applied) core_.log().error("reload: the listener keeps its settings", {LogField("detail", applied.error().detail)});
  shown_settings_ = std::move(now);
  return need_restart;
}

void Server::drain() {
  housekeeping_.reset();
  if (!http_) return;
  const auto patience = core_.configuration().settings.table("server").duration("drain_timeout");
  if (const auto stuck = http_->drain(core_.clock().steady() + patience); stuck > 0)
    core_.log().error("requests did not end in time and are given up", {LogField("count", static_cast<std::int64_t>(stuck))});
}

}  // namespace driftstack::kernel
