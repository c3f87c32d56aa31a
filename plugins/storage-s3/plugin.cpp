// Objects in an S3 bucket. See README.md.

#include "driftstack/plugin.hpp"

#include <chrono>
#include <optional>

#include "s3_store.hpp"

namespace driftstack::storage_s3 {
namespace {

constexpr std::chrono::seconds kLookLimit{10};

Error wrong(std::string_view setting, const std::string& why) { return Error(Errc::bad_request, std::string(setting) + ": " + why); }

Result<BucketAddress> address(const Settings& settings, const char* setting) {
  const auto addressing = settings.text("addressing") == "host" ? Addressing::host : Addressing::path;
  auto parsed = BucketAddress::parse(settings.text(setting), settings.text("bucket"), addressing);
  if (!parsed) return wrong(setting, parsed.error().detail);
  return parsed;
}

}  // namespace

class StorageS3 final : public Plugin {
 public:
  explicit StorageS3(Host& host) : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    auto bucket = address(settings, "endpoint");
    if (!bucket) return std::move(bucket).error();
    auto links = address(settings, settings.has("public_endpoint") ? "public_endpoint" : "endpoint");
    if (!links) return std::move(links).error();
    S3Options options;
    options.prefix = settings.text("prefix");
    if (!options.prefix.empty() && (options.prefix.back() != '/' || !objects::is_key_prefix(options.prefix))) {
      return wrong("prefix", "must be lower-case letters, digits, '_', '-', '.' in parts that each end with a slash");
    }
    options.encrypt = settings.text("encryption") == "AES256";
    options.part_size = static_cast<std::size_t>(settings.bytes("part_size"));
    RetryPolicy retry;
    retry.attempts = settings.integer("attempts");
    std::string secret = settings.secret("secret_access_key");
    SignatureV4 signer(settings.secret("access_key_id"), SecretText::take(secret), settings.text("region"));
    store_.emplace(host_, S3Client(host_, *std::move(bucket), std::move(signer), retry), *std::move(links), std::move(options));
    return Done();
  }

  AsyncResult<> start() override {
    if (!host_.serving()) co_return Done();
    const Call call("start", host_.scheduler().current_io_thread(), host_.clock().steady() + kLookLimit);
    co_return co_await store_->look(call);
  }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override { return id == objects::Store::kId ? static_cast<objects::Store*>(&*store_) : nullptr; }

 private:
  Host& host_;
  std::optional<S3Store> store_;
};

}  // namespace driftstack::storage_s3

DRIFTSTACK_PLUGIN(driftstack::storage_s3::StorageS3)
