#include "signature_v4.hpp"

#include <algorithm>
#include <ctime>

#include "digest.hpp"
#include "driftstack/support/hex.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::vector<Header> sorted(std::vector<Header> headers) {
  std::sort(headers.begin(), headers.end(), [](const Header& a, const Header& b) { return a.name < b.name; });
  return headers;
}

std::string names_of(const std::vector<Header>& headers) {
  std::string names;
  for (const Header& header : headers) names += (names.empty() ? "" : ";") + header.name;
  return names;
}

// Our values have no white space to fold: is_content_type and our own constants.
std::string canonical_request(const SignedRequest& request, const std::vector<Header>& headers, std::string_view signed_headers) {
  std::string text = request.method + "\n" + request.path + "\n" + canonical_query(request.query) + "\n";
  for (const Header& header : headers) text += header.name + ":" + header.value + "\n";
  text += "\n";
  text += signed_headers;
  return text += "\n" + request.payload_hash;
}

}  // namespace

std::string uri_encode(std::string_view text, Slashes slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                            c == '_' || c == '~' || (c == '/' && slashes == Slashes::keep);
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string canonical_query(const Query& query) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : query) pairs.push_back(uri_encode(name) + "=" + uri_encode(value));
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const std::string& pair : pairs) text += (text.empty() ? "" : "&") + pair;
  return text;
}

std::string amz_time(std::int64_t unix_micros) {
  const auto seconds = static_cast<std::time_t>(unix_micros / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

std::string SignatureV4::scope(std::string_view time) const { return std::string(time.substr(0, 8)) + "/" + region_ + "/s3/aws4_request"; }

std::string SignatureV4::signature(const SignedRequest& request, std::string_view signed_headers, std::string_view time) const {
  std::string to_sign = std::string(kAlgorithm) + "\n" + std::string(time) + "\n" + scope(time) + "\n";
  to_sign += sha256_hex(canonical_request(request, sorted(request.headers), signed_headers));
  std::string first = "AWS4" + std::string(secret_.reveal());
  std::string key = hmac_sha256(first, time.substr(0, 8));
  wipe(first.data(), first.size());
  for (const std::string_view step : {std::string_view(region_), std::string_view("s3"), std::string_view("aws4_request")}) {
    key = hmac_sha256(key, step);
  }
  return hex_encode(hmac_sha256(key, to_sign));
}

std::string SignatureV4::authorization(const SignedRequest& request, std::string_view time) const {
  const std::string names = names_of(sorted(request.headers));
  return std::string(kAlgorithm) + " Credential=" + access_key_id_ + "/" + scope(time) + ",SignedHeaders=" + names +
         ",Signature=" + signature(request, names, time);
}

std::string SignatureV4::presigned_query(SignedRequest request, std::string_view time, std::int64_t seconds) const {
  const std::string names = names_of(sorted(request.headers));
  request.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  request.query.emplace_back("X-Amz-Credential", access_key_id_ + "/" + scope(time));
  request.query.emplace_back("X-Amz-Date", time);
  request.query.emplace_back("X-Amz-Expires", std::to_string(seconds));
  request.query.emplace_back("X-Amz-SignedHeaders", names);
  return canonical_query(request.query) + "&X-Amz-Signature=" + signature(request, names, time);
}

}  // namespace driftstack::storage_s3
