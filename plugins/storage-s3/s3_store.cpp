#include "s3_store.hpp"

#include <charconv>
#include <utility>

#include "digest.hpp"
#include "multipart_upload.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::string_view kDigestHeader = "x-amz-meta-driftstack-sha256";
constexpr std::string_view kEncryptionHeader = "x-amz-server-side-encryption";
constexpr std::size_t kListingLimit = std::size_t{8} << 20;  // 1000 keys of 1024 bytes with what stands around them, escaped

Error no_key() { return Error(Errc::misuse, "storage-s3: this is no key of an object"); }
Error no_object() { return Error(Errc::misuse, "storage-s3: the content type or the size is not allowed"); }
Error no_range() { return Error(Errc::misuse, "storage-s3: this is no range, prefix or limit"); }
Error not_there() { return Error(Errc::not_found, "no such object"); }
Error foreign() { return Error(Errc::internal, "storage-s3: the object in the bucket is not the one that was put"); }

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// Description of an object from the headers of an answer; the size is what the caller knows.
Result<objects::Info> info_of(const OutboundResponse& response, std::string key, std::optional<std::int64_t> byte_size) {
  objects::Info info;
  info.key = std::move(key);
  info.content_type = header_of(response, "content-type");
  info.sha256 = header_of(response, kDigestHeader);
  constexpr std::size_t kHexDigits = 64;
  if (!byte_size || info.sha256.size() != kHexDigits || !objects::is_content_type(info.content_type)) return foreign();
  info.byte_size = *byte_size;
  return info;
}

// `bytes 2-4/10`
std::optional<std::int64_t> whole_size(const OutboundResponse& response) {
  const std::string_view range = header_of(response, "content-range");
  const auto slash = range.rfind('/');
  return slash == std::string_view::npos ? std::nullopt : number_of(range.substr(slash + 1));
}

std::string range_header(const objects::Get& message) {
  std::string range = "bytes=" + std::to_string(message.offset) + "-";
  // A range that ends behind every object is one to the end; the sum must not overflow.
  const auto largest = static_cast<std::int64_t>(objects::kMaxObjectBytes);
  if (message.length && *message.length < largest && message.offset < largest) {
    range += std::to_string(message.offset + *message.length - 1);
  }
  return range;
}

}  // namespace

S3Request S3Store::request(std::string method, std::string_view key) const {
  S3Request out(std::move(method));
  out.key = options_.prefix + std::string(key);
  return out;
}

S3Request S3Store::list_request(std::int32_t limit) const {
  S3Request out("GET");
  out.query = {{"list-type", "2"}, {"max-keys", std::to_string(limit)}};
  out.response_limit = kListingLimit;
  return out;
}

AsyncResult<> S3Store::look(const Call& call) {
  const S3Request request = list_request(1);
  const auto stranger = co_await client_.send_unsigned(call, request);
  if (stranger && stranger->status < 300) co_return Error(Errc::forbidden, "everybody may list the bucket: make it private");
  const auto ours = co_await client_.send(call, request);
  if (!ours) host_.log().warn("the object store does not answer; what needs it fails until it does", {{"reason", ours.error().detail}});
  co_return Done();
}

AsyncResult<objects::Info> S3Store::put(const Call& call, objects::Put message) {
  if (!objects::is_key(message.key)) co_return no_key();
  if (!objects::is_content_type(message.content_type) || message.bytes.data.size() > objects::kMaxObjectBytes) co_return no_object();
  objects::Info info;
  co_await on_workers(host_.scheduler());
  info.sha256 = sha256_hex(message.bytes.data);
  co_await on_io(host_.scheduler(), call.io_thread());
  info.key = message.key;
  info.content_type = message.content_type;
  info.byte_size = static_cast<std::int64_t>(message.bytes.data.size());
  const bool in_parts = message.bytes.data.size() > options_.part_size;
  S3Request put = request(in_parts ? "POST" : "PUT", message.key);
  put.headers.emplace_back("content-type", info.content_type);
  put.headers.emplace_back(std::string(kDigestHeader), info.sha256);
  if (options_.encrypt) put.headers.emplace_back(std::string(kEncryptionHeader), "AES256");
  auto task = in_parts ? put_parts(call, std::move(put), message.bytes.data, info) : put_whole(call, std::move(put), message.bytes.data);
  auto answer = co_await std::move(task);
  if (!answer) co_return std::move(answer).error();
  check_encryption(*answer);
  co_return info;
}

AsyncResult<OutboundResponse> S3Store::put_whole(const Call& call, S3Request request, const std::string& bytes) {
  request.body = bytes;
  auto answer = co_await client_.send(call, request);
  if (answer && answer->status != 200) co_return Error(Errc::unavailable, "storage-s3: the store did not take an object");
  co_return answer;
}

AsyncResult<OutboundResponse> S3Store::put_parts(const Call& call, S3Request request, const std::string& bytes, const objects::Info& info) {
  MultipartUpload upload(host_, client_, std::move(request), bytes, options_.part_size);
  auto answer = co_await upload.run(call);
  if (answer || answer.error().code != Errc::not_found) co_return answer;
  objects::Head message;
  message.key = info.key;
  const auto there = co_await head(call, std::move(message));
  if (!there || there->sha256 != info.sha256) co_return Error(Errc::unavailable, "storage-s3: the store lost an upload");
  co_return OutboundResponse{};
}

// A store that knows the header and does not confirm it is worth one line; whether that is in order, only the operator knows.
void S3Store::check_encryption(const OutboundResponse& response) {
  if (!options_.encrypt || response.status == 0 || !header_of(response, kEncryptionHeader).empty()) return;
  if (!told_unencrypted_.exchange(true)) host_.log().warn("the object store does not confirm that objects are encrypted");
}

AsyncResult<objects::Got> S3Store::get(const Call& call, objects::Get message) {
  if (!objects::is_key(message.key)) co_return no_key();
  if (message.offset < 0 || message.length.value_or(1) < 1) co_return no_range();
  const bool whole = message.offset == 0 && !message.length;
  auto task = whole ? get_whole(call, message.key) : get_range(call, message);
  auto got = co_await std::move(task);
  co_return got;
}

AsyncResult<objects::Got> S3Store::get_whole(const Call& call, std::string key) {
  S3Request whole = request("GET", key);
  whole.response_limit = objects::kMaxObjectBytes;
  auto answer = co_await client_.send(call, whole);
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 404) co_return not_there();
  auto info = info_of(*answer, std::move(key), static_cast<std::int64_t>(answer->body.size()));
  if (!info) co_return std::move(info).error();
  co_await on_workers(host_.scheduler());
  const bool same = sha256_hex(answer->body) == info->sha256;
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!same) co_return foreign();
  objects::Got got;
  got.info = *std::move(info);
  got.bytes.data = std::move(answer->body);
  co_return got;
}

AsyncResult<objects::Got> S3Store::get_range(const Call& call, const objects::Get& message) {
  S3Request part = request("GET", message.key);
  part.headers.emplace_back("range", range_header(message));
  part.response_limit = objects::kMaxObjectBytes;
  auto answer = co_await client_.send(call, part);
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 404) co_return not_there();
  objects::Got got;
  if (answer->status == 416) {  // behind the end: an answer without the object's description
    objects::Head about;
    about.key = message.key;
    auto info = co_await head(call, std::move(about));
    if (!info) co_return std::move(info).error();
    got.info = *std::move(info);
    co_return got;
  }
  const auto size = answer->status == 206 ? whole_size(*answer) : std::nullopt;
  auto info = info_of(*answer, message.key, size);
  if (!info) co_return std::move(info).error();
  got.info = *std::move(info);
  got.bytes.data = std::move(answer->body);
  co_return got;
}

AsyncResult<objects::Info> S3Store::head(const Call& call, objects::Head message) {
  if (!objects::is_key(message.key)) co_return no_key();
  const S3Request about = request("HEAD", message.key);
  auto answer = co_await client_.send(call, about);
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 404) co_return not_there();
  const auto size = number_of(header_of(*answer, "content-length"));
  co_return info_of(*answer, std::move(message.key), size);
}

AsyncResult<> S3Store::remove(const Call& call, objects::Remove message) {
  if (!objects::is_key(message.key)) co_return no_key();
  const S3Request gone = request("DELETE", message.key);
  auto answer = co_await client_.send(call, gone);
  if (!answer) co_return std::move(answer).error();
  co_return Done();  // 204, also for a key that is not there
}

AsyncResult<objects::Listing> S3Store::list(const Call& call, objects::List message) {
  if (!objects::is_key_prefix(message.prefix) || message.limit < 1 || message.limit > objects::kMaxListed) co_return no_range();
  if (message.after && !objects::is_key(*message.after)) co_return no_key();
  const auto wanted = static_cast<std::size_t>(message.limit);
  objects::Listing listing;
  std::string next;
  for (;;) {
    S3Request asked = list_request(static_cast<std::int32_t>(wanted - listing.objects.size()));
    asked.query.emplace_back("prefix", options_.prefix + message.prefix);
    if (!next.empty()) asked.query.emplace_back("continuation-token", next);
    if (next.empty() && message.after) asked.query.emplace_back("start-after", options_.prefix + *message.after);
    auto page = co_await list_page(call, asked);
    if (!page) co_return std::move(page).error();
    for (auto& object : page->objects) {
      if (!object.key.starts_with(options_.prefix)) continue;
      object.key.erase(0, options_.prefix.size());
      if (!objects::is_key(object.key)) continue;  // somebody else's
      objects::Listed listed;
      listed.key = std::move(object.key);
      listed.byte_size = object.byte_size;
      listing.objects.push_back(std::move(listed));
    }
    listing.has_more = page->truncated;
    if (!page->truncated || listing.objects.size() >= wanted) co_return listing;
    next = std::move(page->next);
  }
}

AsyncResult<ListedPage> S3Store::list_page(const Call& call, const S3Request& request) {
  auto answer = co_await client_.send(call, request);
  if (!answer) co_return std::move(answer).error();
  co_return read_listing(answer->body);
}

AsyncResult<objects::Presigned> S3Store::presign(const Call&, objects::Presign message) {
  if (!objects::is_key(message.key)) co_return no_key();
  if (message.seconds < 1 || message.seconds > objects::kMaxPresignSeconds) co_return no_range();
  if (message.file_name && !objects::is_file_name(*message.file_name)) {
    co_return Error(Errc::misuse, "storage-s3: this is no name of a file");
  }
  const std::string key = options_.prefix + message.key;
  SignedRequest read;
  read.method = "GET";
  read.path = links_.path(key);
  if (message.file_name) {
    read.query.emplace_back("response-content-disposition", "attachment; filename=\"" + *message.file_name + "\"");
  }
  read.headers.emplace_back("host", links_.host());
  read.payload_hash = kUnsignedPayload;
  const std::string time = amz_time(host_.clock().unix_micros());
  objects::Presigned presigned;
  presigned.url = links_.url(key, client_.signer().presigned_query(std::move(read), time, message.seconds));
  co_return presigned;
}

}  // namespace driftstack::storage_s3
