#include "proxies/proxy_gate.hpp"

#include <utility>

#include "driftstack/support/base64.hpp"
#include "profiles/profile_wire.hpp"

namespace driftstack::sessions {
namespace {

/// One sentence for each reason, of a fixed set: what the proxy itself said is never shown.
std::string_view sentence(browser::ProxyFailure failure) {
  switch (failure) {
    case browser::ProxyFailure::unreachable:
      return "Nothing answers at the host and port of the proxy.";
    case browser::ProxyFailure::auth_failed:
      return "The proxy does not accept the user name and password.";
    case browser::ProxyFailure::timeout:
      return "The proxy took the connection but was too slow.";
    case browser::ProxyFailure::egress_blocked:
      return "The proxy took the connection but does not carry requests.";
  }
  return {};
}

browser::Proxy copy_of(const browser::Proxy& proxy) {
  browser::Proxy copy;
  copy.scheme = proxy.scheme;
  copy.host = proxy.host;
  copy.port = proxy.port;
  copy.username = proxy.username;
  if (proxy.password) copy.password = proxy.password->clone();
  return copy;
}

}  // namespace

AsyncResult<OpenProxy> ProxyGate::open(const Call& call, Uuid id) {
  const Uuid account = call.principal()->effective_account;
  auto saved = co_await store_.find(call, account, id);
  if (!saved) co_return std::move(saved).error();
  OpenProxy open;
  open.id = id;
  open.proxy.scheme = saved->scheme == ProxyScheme::http ? browser::ProxyScheme::http : browser::ProxyScheme::socks5;
  open.proxy.host = std::move(saved->host);
  open.proxy.port = static_cast<std::int32_t>(saved->port);
  open.proxy.username = std::move(saved->username);
  if (saved->sealed_password) {
    const auto sealed = base64_decode(*saved->sealed_password);
    if (!sealed) co_return Error(Errc::internal, "the password of a saved proxy is no sealed text");
    auto password = host_.secrets().open(password_place(account, id), *sealed);
    if (!password) co_return std::move(password).error();
    open.proxy.password = SecretText::take(*password);
  }
  co_return std::move(open);
}

AsyncResult<std::optional<OpenProxy>> ProxyGate::choose(const Call& call, const std::optional<std::string>& named,
                                                        const std::optional<Profile>& profile) {
  std::optional<Uuid> id;
  if (named) {
    id = body::proxy_id_from_input(*named);
    if (!id) co_return no_such_proxy();
  } else if (profile && profile->proxy_choice() == ProxyChoice::detached) {
    co_return Error(Errc::conflict, "The proxy of this profile is gone: name one with proxy_id, or choose one for the profile.");
  } else if (profile) {
    id = profile->default_proxy;
  }
  if (!id) co_return std::optional<OpenProxy>();
  auto opened = co_await open(call, *id);
  if (!opened) co_return std::move(opened).error();
  co_return std::optional<OpenProxy>(*std::move(opened));
}

AsyncResult<browser::ProxyProbed> ProxyGate::probe(const Call& call, const browser::Proxy& proxy) {
  browser::ProbeProxy message;
  message.proxy = copy_of(proxy);
  auto probed = co_await backend_->probe_proxy(call, std::move(message));
  co_await on_io(host_.scheduler(), call.io_thread());
  co_return probed;
}

AsyncResult<> ProxyGate::admit(const Call& call, const OpenProxy& open) {
  auto probed = co_await probe(call, open.proxy);
  if (!probed) co_return std::move(probed).error();
  if (!probed->failure) co_return Done();
  co_return Error(Errc::proxy_validation_failed, std::string(sentence(*probed->failure)))
      .with_members(R"("reason":")" + std::string(wire::enum_text(*probed->failure)) + R"(","resource":"proxy")");
}

AsyncResult<body::ProxyTest> ProxyGate::test(const Call& call, Uuid id) {
  auto opened = co_await open(call, id);
  if (!opened) co_return std::move(opened).error();
  body::ProxyTest result;
  if (backend_ == nullptr) {
    result.reason = "No browser backend runs on this server.";
    result.not_run = body::ProxyTestNotRun::check_unavailable;
    co_return std::move(result);
  }
  auto probed = co_await probe(call, opened->proxy);
  if (!probed) co_return std::move(probed).error();
  result.ok = !probed->failure;
  if (result.ok) {
    result.latency_ms = probed->latency_ms;
  } else {
    result.reason = std::string(sentence(*probed->failure));
  }
  co_return std::move(result);
}

}  // namespace driftstack::sessions
