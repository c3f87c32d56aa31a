#pragma once
// One viewer of a session: pictures out, and input in when the token is for control.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "driftstack/http.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "in_flight.hpp"
#include "live_session.hpp"
#include "log/operation_notes.hpp"
#include "view/view_token.hpp"

namespace driftstack::sessions {

/// Ends with its token, with the session, and when its client goes. While one for control lives, the session is under control.
class ViewStream final : public MessageStream {
 public:
  /// `on_end` is called when this goes.
  ViewStream(Host& host, InFlight& in_flight, OperationNotes& notes, browser::View& view, std::shared_ptr<LiveSession> session,
             ViewToken token, std::function<void()> on_end)
      : host_(host),
        in_flight_(in_flight),
        notes_(notes),
        view_(view),
        session_(std::move(session)),
        token_(std::move(token)),
        on_end_(std::move(on_end)) {}
  ~ViewStream() override { on_end_(); }

  AsyncResult<std::optional<SocketMessage>> next(const Call& call) override;
  AsyncResult<> receive(const Call& call, SocketMessage message) override;
  void stop() noexcept override { stopped_.store(true); }

 private:
  AsyncResult<> carry_out(const Call& call, browser::Input input);
  void refuse(std::string code, std::string detail);
  std::optional<std::string> take_refusal();

  Host& host_;
  InFlight& in_flight_;
  OperationNotes& notes_;
  browser::View& view_;
  const std::shared_ptr<LiveSession> session_;
  const ViewToken token_;
  const std::function<void()> on_end_;
  std::int64_t seen_ = 0;  ///< sequence of the newest picture that was sent
  std::mutex mutex_;
  std::optional<std::string> refusal_;  ///< the newest that was not told yet; guarded by mutex_
  std::atomic<bool> stopped_{false};
};

/// A picture as viewers get it: 1 byte kind (1: the whole picture), 4 bytes sequence, 2 and 2 bytes width and height, all in network order,
/// then the image.
[[nodiscard]] std::string frame_message(const browser::Frame& frame);

}  // namespace driftstack::sessions
