// Objects as files. See README.md.

#include "driftstack/plugin.hpp"

#include "file_store.hpp"

namespace driftstack::storage_files {

class StorageFiles final : public Plugin {
 public:
  explicit StorageFiles(Host& host) : host_(host), store_(host) {}

  Result<> configure() override { return Done(); }
  AsyncResult<> start() override {
    const Settings& settings = host_.settings();
    const std::string path = settings.has("folder") ? settings.text("folder") : host_.data_directory();
    co_return store_.open(path);
  }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override { return id == objects::Store::kId ? static_cast<objects::Store*>(&store_) : nullptr; }

 private:
  Host& host_;
  FileStore store_;
};

}  // namespace driftstack::storage_files

DRIFTSTACK_PLUGIN(driftstack::storage_files::StorageFiles)
