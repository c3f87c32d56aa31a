#include "multipart_upload.hpp"

#include <chrono>

#include "driftstack/support/markup.hpp"
#include "s3_answers.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::chrono::seconds kGiveUpLimit{10};  // what the bucket's own rule for unfinished uploads removes otherwise

}  // namespace

AsyncResult<OutboundResponse> MultipartUpload::run(const Call& call) {
  begin_.query.emplace_back("uploads", "");
  auto begun = co_await client_.send(call, begin_);
  if (!begun) co_return std::move(begun).error();
  auto id = read_upload_id(begun->body);
  if (!id) co_return std::move(id).error();
  id_ = *std::move(id);
  auto sent = co_await send_parts(call);
  if (sent) sent = co_await complete(call);
  if (!sent) {
    const auto gone = co_await give_up(call);
    if (!gone) host_.log().warn("parts of an unfinished object stay in the bucket", {{"reason", gone.error().detail}});
    co_return std::move(sent).error();
  }
  co_return begun;
}

AsyncResult<> MultipartUpload::send_parts(const Call& call) {
  for (std::size_t at = 0; at < bytes_.size(); at += part_size_) {
    S3Request part("PUT");
    part.key = begin_.key;
    part.query = {{"partNumber", std::to_string(tags_.size() + 1)}, {"uploadId", id_}};
    part.body = bytes_.substr(at, part_size_);
    auto answer = co_await client_.send(call, part);
    if (!answer) co_return std::move(answer).error();
    const std::string tag(header_of(*answer, "etag"));
    if (answer->status != 200 || tag.empty()) co_return Error(Errc::unavailable, "storage-s3: the store did not take a part");
    tags_.push_back(tag);
  }
  co_return Done();
}

AsyncResult<> MultipartUpload::complete(const Call& call) {
  std::string document = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < tags_.size(); ++i) {
    document += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + markup_escaped(tags_[i]) + "</ETag></Part>";
  }
  document += "</CompleteMultipartUpload>";
  S3Request request("POST");
  request.key = begin_.key;
  request.query = {{"uploadId", id_}};
  request.headers.emplace_back("content-type", "application/xml");
  request.body = document;
  auto answer = co_await client_.send(call, request);
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 200 && is_completed(answer->body)) co_return Done();
  // A 404 may mean that an attempt before, whose answer was lost, completed it: the caller looks.
  if (answer->status == 404) co_return Error(Errc::not_found, "storage-s3: the upload is not there any more");
  co_return Error(Errc::unavailable, "storage-s3: the store did not complete an upload: " + read_error_code(answer->body));
}

// On a call of its own: the caller's is over when its time ran out.
AsyncResult<> MultipartUpload::give_up(const Call& call) {
  const Call own(std::string(call.request_id()), call.io_thread(), host_.clock().steady() + kGiveUpLimit);
  S3Request request("DELETE");
  request.key = begin_.key;
  request.query = {{"uploadId", id_}};
  const auto answer = co_await client_.send(own, request);
  if (!answer) co_return answer.error();
  co_return Done();
}

}  // namespace driftstack::storage_s3
