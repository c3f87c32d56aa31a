#include "kernel/runtime/egress_policy.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace driftstack::kernel {
namespace {

// curl's own parser, so that what is checked is what is dialled.
using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool covers(std::string_view pattern, std::string_view host) {
  if (pattern == "*") return true;
  if (pattern.starts_with("*.")) return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
  return pattern == host;
}

}  // namespace

Result<EgressTarget> check_egress(const EgressPolicy& policy, const std::string& text) {
  const Url url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return Error(Errc::bad_request, "the URL to call is malformed");
  const std::string scheme = part(url.get(), CURLUPART_SCHEME), host = lower(part(url.get(), CURLUPART_HOST));
  if (scheme != "https" && scheme != "http") return Error(Errc::bad_request, "only https URLs can be called");
  if (host.empty()) return Error(Errc::bad_request, "the URL to call names no host");
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty())
    return Error(Errc::bad_request, "a URL with user info cannot be called");
  const std::string place = host + ":" + part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  EgressTarget target;
  target.listed = std::any_of(policy.private_targets.begin(), policy.private_targets.end(),
                              [&](const std::string& listed) { return lower(listed) == place; });
  if (target.listed) return target;
  if (scheme != "https") return Error(Errc::forbidden, "plain http is allowed only for targets that the operator listed");
  const bool allowed =
      std::any_of(policy.hosts.begin(), policy.hosts.end(), [&](const std::string& pattern) { return covers(lower(pattern), host); });
  if (!allowed) return Error(Errc::forbidden, "the host '" + host + "' is not in the plugin's [egress]");
  return target;
}

}  // namespace driftstack::kernel
