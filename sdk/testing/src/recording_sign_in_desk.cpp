#include "driftstack/testing/recording_sign_in_desk.hpp"

#include <utility>

namespace driftstack::testing {

AsyncResult<std::string> RecordingSignInDesk::email_of(const Call&, const Uuid& account) { co_return account.to_text() + "@example.test"; }

AsyncResult<> RecordingSignInDesk::hold(db::Transaction& transaction, const Uuid& account) {
  co_return co_await transaction.lock("desk:" + account.to_text());
}

AsyncResult<IssuedWebSession> RecordingSignInDesk::sign_in(db::Transaction&, const Call&, const Uuid& account, std::string method,
                                                           std::int64_t now) {
  const std::lock_guard lock(mutex_);
  SignedIn& made = signed_in_.emplace_back();
  made.account = account;
  made.method = std::move(method);
  made.at = now;
  IssuedWebSession session;
  session.token = "session-" + std::to_string(signed_in_.size());
  session.expires_at = now + 1;
  co_return session;
}

AsyncResult<> RecordingSignInDesk::refresh_factor(db::Transaction&, const Call& call, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  refreshed_[call.principal()->credential] = now;
  co_return Done();
}

AsyncResult<> RecordingSignInDesk::notify(db::Transaction&, const Uuid& account, SecurityNotice notice, std::int64_t) {
  const std::lock_guard lock(mutex_);
  Notice& made = notices_.emplace_back();
  made.account = account;
  made.notice = notice;
  co_return Done();
}

AsyncResult<Digest> RecordingSignInDesk::derive(const Call&, std::string secret, const Salt& salt) {
  ++derivations_;
  // FNV-1a over salt and secret, once per byte of the digest.
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    std::uint64_t hash = 0xcbf29ce484222325U + i;
    const auto add = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3U; };
    for (const std::uint8_t byte : salt) add(byte);
    for (const char c : secret) add(static_cast<std::uint8_t>(c));
    digest[i] = static_cast<std::uint8_t>(hash >> 32);
  }
  co_return digest;
}

std::vector<RecordingSignInDesk::SignedIn> RecordingSignInDesk::signed_in() const {
  const std::lock_guard lock(mutex_);
  return signed_in_;
}

std::vector<RecordingSignInDesk::Notice> RecordingSignInDesk::notices() const {
  const std::lock_guard lock(mutex_);
  return notices_;
}

std::int64_t RecordingSignInDesk::refreshed_at(const Uuid& session) const {
  const std::lock_guard lock(mutex_);
  const auto found = refreshed_.find(session);
  return found == refreshed_.end() ? 0 : found->second;
}

}  // namespace driftstack::testing
