#pragma once
// What a browser backend may offer beside its role: to show a session to a person, and to take a person's input. Message-shaped like the
// role; a backend that cannot do it does not provide the interface.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/wire.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {
namespace browser {

/// Most pictures of a session in one second.
inline constexpr int kMostFramesPerSecond = 10;

struct NextFrame {
  std::string session_id;
  std::int64_t after = 0;  ///< sequence of the newest picture that the caller has; 0: none
  std::int64_t timeout_ms = 1000;
  static constexpr auto shape =
      wire::object(wire::field<&NextFrame::session_id>("session_id"), wire::field<&NextFrame::after>("after", wire::defaulted),
                   wire::field<&NextFrame::timeout_ms>("timeout_ms", wire::defaulted));
};
/// What the viewport shows, as one whole picture.
struct Frame {
  std::int64_t sequence = 0;           ///< grows from picture to picture of a session; 0: nothing changed in the time
  std::int32_t width = 0, height = 0;  ///< of the viewport in CSS pixels, as inputs count; the image may have more pixels
  wire::Bytes image;                   ///< JPEG
  static constexpr auto shape = wire::object(wire::field<&Frame::sequence>("sequence"), wire::field<&Frame::width>("width"),
                                             wire::field<&Frame::height>("height"), wire::field<&Frame::image>("image"));
};

/// Largest coordinate of an input, in CSS pixels of the viewport; larger than any viewport.
inline constexpr int kMostCoordinate = 16384;

struct TapAt {
  static constexpr std::string_view kTag = "tap";
  double x = 0, y = 0;
  static constexpr auto shape = wire::object(wire::field<&TapAt::x>("x", wire::min(0), wire::max(kMostCoordinate)),
                                             wire::field<&TapAt::y>("y", wire::min(0), wire::max(kMostCoordinate)));
};
struct HoverAt {
  static constexpr std::string_view kTag = "hover";
  double x = 0, y = 0;
  static constexpr auto shape = wire::object(wire::field<&HoverAt::x>("x", wire::min(0), wire::max(kMostCoordinate)),
                                             wire::field<&HoverAt::y>("y", wire::min(0), wire::max(kMostCoordinate)));
};
struct DragAt {
  static constexpr std::string_view kTag = "drag";
  double x = 0, y = 0, to_x = 0, to_y = 0;
  static constexpr auto shape = wire::object(wire::field<&DragAt::x>("x", wire::min(0), wire::max(kMostCoordinate)),
                                             wire::field<&DragAt::y>("y", wire::min(0), wire::max(kMostCoordinate)),
                                             wire::field<&DragAt::to_x>("to_x", wire::min(0), wire::max(kMostCoordinate)),
                                             wire::field<&DragAt::to_y>("to_y", wire::min(0), wire::max(kMostCoordinate)));
};
struct ScrollAt {
  static constexpr std::string_view kTag = "scroll";
  double x = 0, y = 0;
  std::int32_t delta_x = 0, delta_y = 0;  ///< CSS pixels
  static constexpr auto shape =
      wire::object(wire::field<&ScrollAt::x>("x", wire::min(0), wire::max(kMostCoordinate)),
                   wire::field<&ScrollAt::y>("y", wire::min(0), wire::max(kMostCoordinate)),
                   wire::field<&ScrollAt::delta_x>("delta_x", wire::defaulted, wire::min(-kMostCoordinate), wire::max(kMostCoordinate)),
                   wire::field<&ScrollAt::delta_y>("delta_y", wire::defaulted, wire::min(-kMostCoordinate), wire::max(kMostCoordinate)));
};
/// Goes where the focus is.
struct TypeKeys {
  static constexpr std::string_view kTag = "type";
  std::string text;  ///< never logged
  static constexpr auto shape = wire::object(wire::field<&TypeKeys::text>("text", wire::length(1, 1000)));
};
using Input = std::variant<TapAt, HoverAt, DragAt, ScrollAt, TypeKeys, Press, AnswerDialog>;

struct SendInput {
  std::string session_id;
  Input input;
  static constexpr auto shape = wire::object(wire::field<&SendInput::session_id>("session_id"), wire::field<&SendInput::input>("input"));
};

/// Provided by `browser-webkit` beside its role.
///
/// Sessions are those of the backend. Errors as there: Errc::driver_error for a session without a browser, Errc::cancelled when it is
/// stopped meanwhile.
class View {
 public:
  static constexpr InterfaceId kId{"browser.view", 1};

  /// Answers as soon as there is a newer picture than the caller's, at once when there is one already, and after the timeout without one.
  /// Any number of callers may look at the same time, also while a command runs. Nobody asking costs the session nothing; a caller that
  /// asks slowly gets the newest picture and none between.
  virtual AsyncResult<Frame> next_frame(const Call& call, NextFrame message) = 0;
  /// Puts input at a place of the viewport, whatever is there, and answers when the page had time to take it (0.3 s at most). A command
  /// like any other: one at a time. Errc::bad_request: a key or character that no key makes.
  virtual AsyncResult<Interacted> send_input(const Call& call, SendInput message) = 0;

 protected:
  ~View() = default;
};

}  // namespace browser
}  // namespace v1
}  // namespace driftstack
