#pragma once
// The role on files: checks the message, goes to a worker, comes back.

#include <optional>
#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/object_store.hpp"
#include "object_file.hpp"
#include "object_folder.hpp"

namespace driftstack::storage_files {

class FileStore final : public objects::Store {
 public:
  explicit FileStore(Host& host) noexcept : host_(host), codec_(host.secrets()) {}

  /// Blocking. Before the first call.
  Result<> open(const std::string& path);

  AsyncResult<objects::Info> put(const Call& call, objects::Put message) override;
  AsyncResult<objects::Got> get(const Call& call, objects::Get message) override;
  AsyncResult<objects::Info> head(const Call& call, objects::Head message) override;
  AsyncResult<> remove(const Call& call, objects::Remove message) override;
  AsyncResult<objects::Listing> list(const Call& call, objects::List message) override;
  bool can_presign() const noexcept override { return false; }
  AsyncResult<objects::Presigned> presign(const Call& call, objects::Presign message) override;

 private:
  template <class Answer, class Work>
  AsyncResult<Answer> on_worker(const Call& call, Work& work);
  Result<objects::Info> put_now(const objects::Put& message) const;
  Result<objects::Got> get_now(const objects::Get& message) const;
  Result<objects::Listing> list_now(const objects::List& message) const;

  Host& host_;
  ObjectCodec codec_;
  std::optional<ObjectFolder> folder_;
};

}  // namespace driftstack::storage_files
