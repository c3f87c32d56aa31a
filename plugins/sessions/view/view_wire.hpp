#pragma once
// What customers and viewers send and get (README.md of the specification, live view).

#include <cstdint>
#include <string>

#include "driftstack/roles/browser_view.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "view/view_token.hpp"

namespace driftstack::sessions::body {

struct ViewTokenCreate {
  ViewMode mode = ViewMode::view;
  static constexpr auto shape = wire::object(wire::field<&ViewTokenCreate::mode>(
      "mode", wire::defaulted, wire::doc("`control` also lets its holder click and type, and pauses automation while connected.")));
};
struct ViewToken {
  std::string token;
  ViewMode mode = ViewMode::view;
  Timestamp expires_at;
  static constexpr auto shape = wire::object(wire::field<&ViewToken::token>("token", wire::doc("Shown once.")),
                                             wire::field<&ViewToken::mode>("mode"), wire::field<&ViewToken::expires_at>("expires_at"));
};
struct ViewQuery {
  std::string token;
  static constexpr auto shape = wire::object(wire::field<&ViewQuery::token>("token", wire::length(1, 200)));
};

/// What the holder of a token for control sends; it stands alone in a text message.
struct HandInput {
  browser::Input input;
  static constexpr auto shape = wire::object(wire::field<&HandInput::input>("input"));
};
/// Text message to the viewer: an input was not carried out.
struct InputRefused {
  std::string code;  ///< `busy`: an operation that began before still runs; else the slug of the problem
  std::string detail;
  static constexpr auto shape = wire::object(wire::field<&InputRefused::code>("code"), wire::field<&InputRefused::detail>("detail"));
};

}  // namespace driftstack::sessions::body
