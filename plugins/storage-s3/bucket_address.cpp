#include "bucket_address.hpp"

#include <algorithm>
#include <charconv>

#include "signature_v4.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::size_t kMinBucket = 3, kMaxBucket = 63;  // Amazon S3, "General purpose bucket naming rules"

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_bucket(std::string_view name) {
  if (name.size() < kMinBucket || name.size() > kMaxBucket) return false;
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back()) || name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; });
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(), [](char c) { return is_lower_or_digit(c) || c == ':' || c == '.'; });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; });
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

Result<BucketAddress> BucketAddress::parse(std::string_view endpoint, std::string_view bucket, Addressing addressing) {
  if (!is_bucket(bucket)) return Error(Errc::bad_request, "'" + std::string(bucket) + "' is no name of a bucket");
  const auto behind_scheme = endpoint.find("://");
  const std::string scheme = lower(endpoint.substr(0, behind_scheme));
  if (behind_scheme == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return Error(Errc::bad_request, "the endpoint must begin with https:// or http://");
  }
  std::string_view rest = endpoint.substr(behind_scheme + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto bracket = rest.rfind(']');
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string host = lower(rest.substr(0, colon));
  const std::string_view port = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  if (!is_host(host) || (colon != std::string_view::npos && !is_port(port))) {
    return Error(Errc::bad_request, "the endpoint must be a host with an optional port: no user, path or query");
  }
  const bool shown = !port.empty() && port != (scheme == "https" ? "443" : "80");
  const std::string place = host + (shown ? ":" + std::string(port) : std::string());
  if (addressing == Addressing::path) return BucketAddress(scheme, place, "/" + std::string(bucket));
  if (host.front() == '[') return Error(Errc::bad_request, "an address has no host names below it: use addressing = \"path\"");
  return BucketAddress(scheme, std::string(bucket) + "." + place, "");
}

std::string BucketAddress::path(std::string_view key) const {
  if (key.empty()) return root_.empty() ? "/" : root_;
  return root_ + "/" + uri_encode(key, Slashes::keep);
}

std::string BucketAddress::url(std::string_view key, std::string_view query) const {
  std::string url = scheme_ + "://" + host_ + path(key);
  if (!query.empty()) url += "?" + std::string(query);
  return url;
}

}  // namespace driftstack::storage_s3
