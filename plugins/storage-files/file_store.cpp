#include "file_store.hpp"

#include <utility>

namespace driftstack::storage_files {
namespace {

Error no_key() { return Error(Errc::misuse, "storage-files: this is no key of an object"); }
Error no_object() { return Error(Errc::misuse, "storage-files: the content type or the size is not allowed"); }
Error no_range() { return Error(Errc::misuse, "storage-files: this is no range, prefix or limit"); }

}  // namespace

Result<> FileStore::open(const std::string& path) {
  auto folder = ObjectFolder::open(path);
  if (!folder) return std::move(folder).error();
  folder_.emplace(*std::move(folder));
  return Done();
}

// `work` lives in the caller's frame.
template <class Answer, class Work>
AsyncResult<Answer> FileStore::on_worker(const Call& call, Work& work) {
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  const IoThread home = host_.scheduler().current_io_thread();
  co_await on_workers(host_.scheduler());
  Result<Answer> answer = work();
  if (home != kNoIoThread) co_await on_io(host_.scheduler(), home);
  co_return answer;
}

AsyncResult<objects::Info> FileStore::put(const Call& call, objects::Put message) {
  if (!objects::is_key(message.key)) co_return no_key();
  if (!objects::is_content_type(message.content_type) || message.bytes.data.size() > objects::kMaxObjectBytes) co_return no_object();
  auto work = [&] { return put_now(message); };
  co_return co_await on_worker<objects::Info>(call, work);
}

Result<objects::Info> FileStore::put_now(const objects::Put& message) const {
  objects::Info info;
  info.key = message.key;
  info.content_type = message.content_type;
  auto sealed = codec_.seal(info, message.bytes.data);
  if (!sealed) return std::move(sealed).error();
  auto written = folder_->write(message.key, sealed->head, sealed->body);
  if (!written) return std::move(written).error();
  return info;
}

AsyncResult<objects::Got> FileStore::get(const Call& call, objects::Get message) {
  if (!objects::is_key(message.key)) co_return no_key();
  if (message.offset < 0 || message.length.value_or(1) < 1) co_return no_range();
  auto work = [&] { return get_now(message); };
  co_return co_await on_worker<objects::Got>(call, work);
}

// A range is cut from the whole: only the whole can be opened and checked.
Result<objects::Got> FileStore::get_now(const objects::Get& message) const {
  const auto file = folder_->read(message.key);
  if (!file) return file.error();
  auto got = codec_.open_object(*file, message.key);
  if (!got || (message.offset == 0 && !message.length)) return got;
  const auto offset = static_cast<std::size_t>(message.offset);
  const std::size_t length = message.length ? static_cast<std::size_t>(*message.length) : std::string::npos;
  got->bytes.data = offset < got->bytes.data.size() ? got->bytes.data.substr(offset, length) : std::string();
  return got;
}

AsyncResult<objects::Info> FileStore::head(const Call& call, objects::Head message) {
  if (!objects::is_key(message.key)) co_return no_key();
  auto work = [&]() -> Result<objects::Info> {
    const auto file = folder_->read(message.key);
    if (!file) return file.error();
    return codec_.open_info(*file, message.key);
  };
  co_return co_await on_worker<objects::Info>(call, work);
}

AsyncResult<> FileStore::remove(const Call& call, objects::Remove message) {
  if (!objects::is_key(message.key)) co_return no_key();
  auto work = [&] { return folder_->remove(message.key); };
  co_return co_await on_worker<Done>(call, work);
}

AsyncResult<objects::Listing> FileStore::list(const Call& call, objects::List message) {
  if (!objects::is_key_prefix(message.prefix) || message.limit < 1 || message.limit > objects::kMaxListed) co_return no_range();
  if (message.after && !objects::is_key(*message.after)) co_return no_key();
  auto work = [&] { return list_now(message); };
  co_return co_await on_worker<objects::Listing>(call, work);
}

Result<objects::Listing> FileStore::list_now(const objects::List& message) const {
  const auto limit = static_cast<std::size_t>(message.limit);
  auto keys = folder_->list(message.prefix, message.after.value_or(std::string()), limit + 1);
  if (!keys) return std::move(keys).error();
  objects::Listing listing;
  listing.has_more = keys->size() > limit;
  if (listing.has_more) keys->pop_back();
  for (std::string& key : *keys) {
    const auto file = folder_->read(key);
    if (!file && file.error().code == Errc::not_found) continue;  // removed meanwhile
    if (!file) return file.error();
    const auto size = ObjectCodec::claimed_size(*file);
    objects::Listed listed;
    listed.key = std::move(key);
    listed.byte_size = size ? *size : 0;  // a damaged file is still listed: who cleans up must find it
    listing.objects.push_back(std::move(listed));
  }
  return listing;
}

AsyncResult<objects::Presigned> FileStore::presign(const Call&, objects::Presign message) {
  if (!objects::is_key(message.key)) co_return no_key();
  co_return Error(Errc::feature_unavailable, "Files have no URLs of their own.");
}

}  // namespace driftstack::storage_files
