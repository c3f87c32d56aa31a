#include "kernel/pipeline/problem.hpp"

#include "driftstack/problem.hpp"
#include "driftstack/support/json.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kHiddenDetail = "The server could not complete the request. Quote the request id when you report this.";

}  // namespace

bool hides_detail(Errc code) noexcept { return problem_kind(code).code == Errc::internal; }

Response problem_response(const Error& error, std::string_view request_id) {
  const ProblemKind& kind = problem_kind(error.code);
  Response response;
  response.status = kind.status;
  response.content_type = "application/problem+json";
  auto& body = response.body;
  body.reserve(256 + error.detail.size() + error.members.size());
  body.append(R"({"type":")").append(kProblemTypePrefix).append(kind.slug);
  body.append(R"(","title":")").append(kind.title);
  body.append(R"(","status":)").append(std::to_string(kind.status));
  body.append(R"(,"detail":)");
  wire::append_json_string(body, kind.code == Errc::internal || error.detail.empty() ? kHiddenDetail : std::string_view(error.detail));
  if (!request_id.empty()) {
    body.append(R"(,"instance":)");
    wire::append_json_string(body, request_id);
  }
  if (error.retry_after_seconds > 0) {
    const auto seconds = std::to_string(error.retry_after_seconds);
    if (kind.code == Errc::rate_limited) body.append(R"(,"retry_after_seconds":)").append(seconds);
    response.headers.emplace_back("Retry-After", seconds);
  }
  if (!error.members.empty() && kind.code != Errc::internal) body.append(",").append(error.members);
  body.push_back('}');
  return response;
}

}  // namespace driftstack::kernel
