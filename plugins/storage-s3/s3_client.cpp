#include "s3_client.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "digest.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "s3_answers.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::size_t kHashedOnIoThread = 16 * 1024;  // some ten microseconds of SHA-256

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// Amazon S3, "Error responses": what passes by itself. RequestTimeout is a 400: the body came too slowly.
bool is_passing(const OutboundResponse& response) {
  if (response.status == 429 || response.status == 500 || (response.status >= 502 && response.status <= 504)) return true;
  return response.status == 400 && read_error_code(response.body) == "RequestTimeout";
}

// A connection that took too long to be made is a timeout as well.
bool is_worth_another(const Result<OutboundResponse>& answer) {
  if (answer) return is_passing(*answer);
  return answer.error().code == Errc::unreachable || answer.error().code == Errc::timeout;
}

}  // namespace

std::string_view header_of(const OutboundResponse& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (lower(header.name) == name) return header.value;
  }
  return {};
}

OutboundRequest S3Client::sign(const S3Request& request, const std::string& body_hash) const {
  const std::string time = amz_time(host_.clock().unix_micros());
  SignedRequest to_sign;
  to_sign.method = request.method;
  to_sign.path = address_.path(request.key);
  to_sign.query = request.query;
  to_sign.headers = request.headers;
  to_sign.headers.emplace_back("x-amz-content-sha256", body_hash);
  to_sign.headers.emplace_back("x-amz-date", time);
  OutboundRequest out(request.method, address_.url(request.key, canonical_query(request.query)));
  out.headers = to_sign.headers;
  to_sign.headers.emplace_back("host", address_.host());  // sent by the client itself
  to_sign.payload_hash = body_hash;
  out.headers.emplace_back("authorization", signer_.authorization(to_sign, time));
  out.response_limit = request.response_limit;
  return out;
}

AsyncResult<OutboundResponse> S3Client::send_once(const Call& call, const S3Request& request, const std::string& body_hash) {
  OutboundRequest out = sign(request, body_hash);
  if (request.body.size() > kHashedOnIoThread) {
    co_await on_workers(host_.scheduler());  // a copy of megabytes is nothing for an io thread
    out.body = request.body;
    co_await on_io(host_.scheduler(), call.io_thread());
  } else {
    out.body = request.body;
  }
  auto answer = co_await host_.outbound_http().send(call, std::move(out));
  co_return answer;
}

AsyncResult<OutboundResponse> S3Client::send(const Call& call, const S3Request& request) {
  std::string body_hash;
  if (request.body.size() > kHashedOnIoThread) {
    co_await on_workers(host_.scheduler());
    body_hash = sha256_hex(request.body);
    co_await on_io(host_.scheduler(), call.io_thread());
  } else {
    body_hash = sha256_hex(request.body);
  }
  for (std::int64_t attempt = 1;; ++attempt) {
    if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
    auto answer = co_await send_once(call, request, body_hash);
    const auto resume = host_.clock().steady() + pause_before(attempt);
    if (!is_worth_another(answer) || attempt == retry_.attempts || resume >= call.deadline()) co_return judge(request, std::move(answer));
    co_await until(host_.scheduler(), resume, call.io_thread());
  }
}

AsyncResult<OutboundResponse> S3Client::send_unsigned(const Call& call, const S3Request& request) {
  OutboundRequest out(request.method, address_.url(request.key, canonical_query(request.query)));
  out.response_limit = request.response_limit;
  auto answer = co_await host_.outbound_http().send(call, std::move(out));
  co_return answer;
}

Result<OutboundResponse> S3Client::judge(const S3Request& request, Result<OutboundResponse> answer) const {
  if (!answer) {
    const Error& error = answer.error();
    if (error.code == Errc::cancelled || error.code == Errc::timeout) return error;
    host_.log().warn("the object store was not reached", {{"method", request.method}, {"reason", error.detail}});
    return Error(Errc::unavailable, "storage-s3: the store was not reached: " + error.detail);
  }
  const std::string code = answer->status >= 300 ? read_error_code(answer->body) : std::string();
  // A missing bucket is the operator's mistake, no missing object.
  const bool expected =
      (answer->status >= 200 && answer->status < 300) || answer->status == 416 || (answer->status == 404 && code != "NoSuchBucket");
  if (expected) return answer;
  host_.log().warn("the object store refused a request", {{"method", request.method}, {"status", answer->status}, {"code", code}});
  return Error(Errc::unavailable, "storage-s3: the store answered " + std::to_string(answer->status) + (code.empty() ? "" : " " + code));
}

// "Full jitter": many clients that failed together do not come back together.
std::chrono::milliseconds S3Client::pause_before(std::int64_t attempt) const {
  auto bound = retry_.first_pause;
  for (std::int64_t i = 1; i < attempt && bound < retry_.longest_pause; ++i) bound *= 2;
  bound = std::min(bound, retry_.longest_pause);
  std::array<std::byte, 4> bytes{};
  fill_random(bytes);
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::chrono::milliseconds(static_cast<std::int64_t>(number) % (bound.count() + 1));
}

}  // namespace driftstack::storage_s3
