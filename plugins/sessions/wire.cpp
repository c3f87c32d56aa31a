#include "wire.hpp"

namespace driftstack::sessions::body {
namespace {

std::optional<Timestamp> moment(std::optional<std::int64_t> micros) {
  return micros ? std::optional(Timestamp::from_micros(*micros)) : std::nullopt;
}

}  // namespace

Session show(const sessions::Session& session, TeamRole reader) {
  Session shown;
  shown.id = session.id;
  shown.account_id = PublicId<"acc">(session.account);
  shown.api_key_id = PublicId<"key">(session.api_key);
  shown.status = session.status;
  shown.archetype = session.archetype;
  shown.label = session.label;
  if (session.metadata) shown.metadata = wire::Json::from_compact(*session.metadata);
  shown.created_at = Timestamp::from_micros(session.created_at);
  shown.updated_at = Timestamp::from_micros(session.updated_at);
  shown.last_state_at = moment(session.last_state_at);
  shown.destroyed_at = moment(session.destroyed_at);
  if (reader != TeamRole::member) shown.proxy_id.emplace(session.proxy);
  return shown;
}

}  // namespace driftstack::sessions::body
