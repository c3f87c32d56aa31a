// Shapes in the manner of the specification, for the tests, the fuzzer and the benchmark of the wire support.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "driftstack/support/public_id.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"

namespace samples {

namespace wire = driftstack::wire;
using AccountId = driftstack::PublicId<"acc">;
using KeyId = driftstack::PublicId<"key">;
using SessionId = driftstack::PublicId<"ses">;
using driftstack::Timestamp;

enum class Behaviour : std::uint8_t { casual, regular, power_user };
constexpr auto enum_names(Behaviour) {
  return std::to_array<std::pair<std::string_view, Behaviour>>(
      {{"casual", Behaviour::casual}, {"regular", Behaviour::regular}, {"power_user", Behaviour::power_user}});
}

enum class Status { creating, ready, busy, destroyed, errored };
constexpr auto enum_names(Status) {
  return std::to_array<std::pair<std::string_view, Status>>({{"creating", Status::creating},
                                                             {"ready", Status::ready},
                                                             {"busy", Status::busy},
                                                             {"destroyed", Status::destroyed},
                                                             {"errored", Status::errored}});
}

struct SessionCreate {
  std::optional<std::string> archetype, label;
  std::optional<wire::Json> metadata;
  std::optional<std::string> profile_id;
  Behaviour behavioral_profile = Behaviour::regular;
  std::optional<std::vector<std::string>> allowed_domains;

  static constexpr auto shape =
      wire::object(wire::field<&SessionCreate::archetype>("archetype", wire::length(3, 60), wire::matches(driftstack::kSlugPattern)),
                   wire::field<&SessionCreate::label>("label", wire::max_length(120), wire::doc("Shown in lists.")),
                   wire::field<&SessionCreate::metadata>("metadata", wire::json_object, wire::max_length(8192)),
                   wire::field<&SessionCreate::profile_id>("profile_id", wire::max_length(41)),
                   wire::field<&SessionCreate::behavioral_profile>("behavioral_profile", wire::defaulted),
                   wire::field<&SessionCreate::allowed_domains>("allowed_domains", wire::max_items(50), wire::unique,
                                                                wire::items(wire::length(1, 253))));
};

struct EgressCapabilities {
  bool udp_associate = false;
  std::vector<std::string> warnings;
  static constexpr auto shape = wire::object(wire::field<&EgressCapabilities::udp_associate>("udp_associate"),
                                             wire::field<&EgressCapabilities::warnings>("warnings"));
};

struct Session {
  SessionId id;
  AccountId account_id;
  KeyId api_key_id;
  Status status = Status::ready;
  std::string archetype;
  std::optional<std::string> label;
  std::optional<wire::Json> metadata;
  std::optional<EgressCapabilities> egress_capabilities;
  Timestamp created_at, updated_at;
  std::optional<Timestamp> last_state_at, destroyed_at;
  std::optional<std::optional<std::string>> proxy_id;

  static constexpr auto shape = wire::object(
      wire::field<&Session::id>("id"), wire::field<&Session::account_id>("account_id"), wire::field<&Session::api_key_id>("api_key_id"),
      wire::field<&Session::status>("status"), wire::field<&Session::archetype>("archetype"),
      wire::field<&Session::label>("label", wire::nullable), wire::field<&Session::metadata>("metadata", wire::nullable),
      wire::field<&Session::egress_capabilities>("egress_capabilities", wire::nullable), wire::field<&Session::created_at>("created_at"),
      wire::field<&Session::updated_at>("updated_at"), wire::field<&Session::last_state_at>("last_state_at", wire::nullable),
      wire::field<&Session::destroyed_at>("destroyed_at", wire::nullable), wire::field<&Session::proxy_id>("proxy_id"));
};

struct Tap {
  static constexpr std::string_view kTag = "tap";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&Tap::selector>("selector", wire::min_length(1)));
};
struct TypeText {
  static constexpr std::string_view kTag = "type";
  std::string selector, text;
  std::optional<std::int32_t> delay_ms;
  bool sensitive = false;
  static constexpr auto shape = wire::object(wire::field<&TypeText::selector>("selector", wire::min_length(1)),
                                             wire::field<&TypeText::text>("text", wire::max_length(10'000)),
                                             wire::field<&TypeText::delay_ms>("delay_ms", wire::min(0), wire::max(500)),
                                             wire::field<&TypeText::sensitive>("sensitive", wire::defaulted));
};
struct Scroll {
  static constexpr std::string_view kTag = "scroll";
  std::optional<std::string> selector;
  std::int32_t delta_x = 0, delta_y = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Scroll::selector>("selector", wire::min_length(1)),
                   wire::field<&Scroll::delta_x>("delta_x", wire::defaulted), wire::field<&Scroll::delta_y>("delta_y", wire::defaulted));
};

struct Interact {
  std::variant<Tap, TypeText, Scroll> action;
  std::int32_t timeout_ms = 30'000;
  static constexpr auto shape =
      wire::object(wire::field<&Interact::action>("action"),
                   wire::field<&Interact::timeout_ms>("timeout_ms", wire::defaulted, wire::min(100), wire::max(60'000)));
};

enum class ExtractionType { text, attribute, list };
constexpr auto enum_names(ExtractionType) {
  return std::to_array<std::pair<std::string_view, ExtractionType>>(
      {{"text", ExtractionType::text}, {"attribute", ExtractionType::attribute}, {"list", ExtractionType::list}});
}

struct SubExtraction {
  ExtractionType type = ExtractionType::text;
  std::optional<std::string> attribute, selector;
  static constexpr auto shape =
      wire::object(wire::field<&SubExtraction::type>("type"), wire::field<&SubExtraction::attribute>("attribute", wire::min_length(1)),
                   wire::field<&SubExtraction::selector>("selector", wire::min_length(1)));
};

struct Extraction {
  std::string name, selector;
  ExtractionType type = ExtractionType::text;
  std::optional<std::string> attribute;
  std::optional<std::map<std::string, SubExtraction>> extract;

  friend void check(const Extraction& e, wire::Issues& issues) {
    if (e.type == ExtractionType::attribute && !e.attribute) {
      issues.add("attribute", wire::IssueCode::required, "is required when the type is attribute");
    }
  }
  static constexpr auto shape = wire::object(
      wire::field<&Extraction::name>("name", wire::min_length(1)), wire::field<&Extraction::selector>("selector", wire::min_length(1)),
      wire::field<&Extraction::type>("type"), wire::field<&Extraction::attribute>("attribute"),
      wire::field<&Extraction::extract>("extract", wire::keys(wire::length(1, 40)), wire::max_items(50)));
};

struct Extract {
  std::vector<Extraction> extractions;
  static constexpr auto shape = wire::object(wire::field<&Extract::extractions>("extractions", wire::min_items(1), wire::max_items(100)));
};

struct ProxyUpdate {
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<std::optional<driftstack::SecretText>> password;
  static constexpr auto shape =
      wire::object(wire::field<&ProxyUpdate::host>("host", wire::length(1, 255)), wire::field<&ProxyUpdate::port>("port", wire::min(1)),
                   wire::field<&ProxyUpdate::password>("password", wire::max_length(1024)))
          .strict();
};

}  // namespace samples
