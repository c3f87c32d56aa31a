#include "profiles/state_keeper.hpp"

#include <utility>

#include "driftstack/support/wire.hpp"
#include "profiles/profile_store.hpp"

namespace driftstack::sessions {

AsyncResult<MemoryFile> StateKeeper::open(const Call& call, ProfileSeat& seat) {
  auto opened = co_await vault_.open(call, seat.profile);
  if (!opened) {
    host_.log().error("the state of a profile cannot be opened",
                      {{"profile", seat.profile.profile.to_text()}, {"error", opened.error().detail}});
    co_return std::move(opened).error();
  }
  seat.vault_revision = opened->revision;
  co_return std::move(opened->archive);
}

Task<> StateKeeper::save(const Call& call, const std::string& session, const ProfileSeat& seat) {
  const std::string profile = seat.profile.profile.to_text();
  auto outcome = co_await take_and_keep(call, session, seat);
  if (!outcome) {
    host_.log().error("the state of a profile was not saved",
                      {{"session", session}, {"profile", profile}, {"error", outcome.error().detail}});
    co_return;
  }
  if (outcome->failure) {
    const std::string_view reason = wire::enum_text(outcome->failure->reason);
    host_.log().error("the state of a profile was not saved",
                      {{"session", session}, {"profile", profile}, {"reason", reason}, {"error", outcome->failure->detail}});
    co_return;
  }
  host_.log().info("the state of a profile was saved",
                   {{"session", session}, {"profile", profile}, {"bytes", outcome->stored->size_bytes}});
}

AsyncResult<SaveOutcome> StateKeeper::take_and_keep(const Call& call, const std::string& session, const ProfileSeat& seat) {
  browser::SaveState message;
  message.session_id = session;
  auto saved = co_await backend_->save_state(call, std::move(message));
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!saved) {
    SaveOutcome outcome;
    outcome.failure = failure_of_browser(saved.error());
    co_return std::move(outcome);
  }
  RecordState record = [&seat](db::Transaction& tx, const StoredState& stored) { return note_saved_state(tx, seat, stored); };
  co_return co_await vault_.save(call, seat.profile, seat.vault_revision, std::move(saved->state), std::move(record));
}

}  // namespace driftstack::sessions
