#pragma once
// What customers send and get (sessions.md 3, 4, 9 of the specification). Actions, conditions and extractions are those of the browser
// role, so that their bounds stand once.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artifacts/artifact_wire.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "proxies/saved_proxy.hpp"
#include "session.hpp"
#include "target_url.hpp"

namespace driftstack::sessions::body {

inline constexpr std::int64_t kDefaultTimeoutMs = 30'000;  // sessions.md 4.4 and 15

// ---------------------------------------------------------------- the resource

enum class Purpose : std::uint8_t { production_customer, cumulative_rig_validation, test_domain_probe };
constexpr auto enum_names(Purpose) {
  return std::to_array<std::pair<std::string_view, Purpose>>({{"production_customer", Purpose::production_customer},
                                                              {"cumulative_rig_validation", Purpose::cumulative_rig_validation},
                                                              {"test_domain_probe", Purpose::test_domain_probe}});
}

enum class Behaviour : std::uint8_t { casual, regular, power_user };
constexpr auto enum_names(Behaviour) {
  return std::to_array<std::pair<std::string_view, Behaviour>>(
      {{"casual", Behaviour::casual}, {"regular", Behaviour::regular}, {"power_user", Behaviour::power_user}});
}

inline constexpr std::int64_t kMostDomains = 100;

struct SessionCreate {
  std::optional<std::string> archetype;
  Purpose purpose = Purpose::production_customer;
  std::optional<std::string> label;
  std::optional<wire::Json> metadata;
  std::optional<std::string> profile_id;
  Behaviour behavioral_profile = Behaviour::regular;
  std::optional<std::string> proxy_id;
  std::optional<wire::Json> proxy;
  std::vector<HostName> allowed_domains, blocked_domains;

  friend void check(const SessionCreate& create, wire::Issues& issues) {
    if (create.purpose != Purpose::production_customer) issues.add("purpose", wire::IssueCode::not_allowed, "must be production_customer");
  }

  static constexpr auto shape = wire::object(
      wire::field<&SessionCreate::archetype>("archetype", wire::length(3, 60), wire::matches(kSlugPattern),
                                             wire::doc("An id of GET /v1/archetypes; absent: its default.")),
      wire::field<&SessionCreate::purpose>("purpose", wire::defaulted, wire::doc("Only production_customer.")),
      wire::field<&SessionCreate::label>("label", wire::max_length(120)),
      wire::field<&SessionCreate::metadata>("metadata", wire::json_object, wire::max_length(8192),
                                            wire::doc("Any object; at most 8192 bytes as compact JSON.")),
      wire::field<&SessionCreate::profile_id>("profile_id"),
      wire::field<&SessionCreate::behavioral_profile>("behavioral_profile", wire::defaulted),
      wire::field<&SessionCreate::proxy_id>("proxy_id", wire::nullable_or_absent, wire::doc("Id of a saved proxy.")),
      wire::field<&SessionCreate::proxy>("proxy", wire::doc("Always refused: a session names a saved proxy by proxy_id.")),
      wire::field<&SessionCreate::allowed_domains>("allowed_domains", wire::defaulted, wire::max_items(kMostDomains),
                                                   wire::doc("Pages reach these hosts and their subdomains only; empty: all.")),
      wire::field<&SessionCreate::blocked_domains>("blocked_domains", wire::defaulted, wire::max_items(kMostDomains),
                                                   wire::doc("Pages do not reach these and their subdomains; wins.")));
};

enum class EgressSafeguards : std::uint8_t { passed, failed, unverified };
constexpr auto enum_names(EgressSafeguards) {
  return std::to_array<std::pair<std::string_view, EgressSafeguards>>(
      {{"passed", EgressSafeguards::passed}, {"failed", EgressSafeguards::failed}, {"unverified", EgressSafeguards::unverified}});
}
enum class QuicRoute : std::uint8_t { proxy, direct, disabled };
constexpr auto enum_names(QuicRoute) {
  return std::to_array<std::pair<std::string_view, QuicRoute>>(
      {{"proxy", QuicRoute::proxy}, {"direct", QuicRoute::direct}, {"disabled", QuicRoute::disabled}});
}
struct EgressCapabilities {
  bool udp_associate = false;
  QuicRoute quic_route = QuicRoute::disabled;
  bool dns_remote_resolve = false;
  std::vector<std::string> warnings;
  std::optional<EgressSafeguards> safeguards;
  static constexpr auto shape = wire::object(
      wire::field<&EgressCapabilities::udp_associate>("udp_associate"), wire::field<&EgressCapabilities::quic_route>("quic_route"),
      wire::field<&EgressCapabilities::dns_remote_resolve>("dns_remote_resolve"), wire::field<&EgressCapabilities::warnings>("warnings"),
      wire::field<&EgressCapabilities::safeguards>("safeguards"));
};

struct Session {
  SessionId id;
  PublicId<"acc"> account_id;
  PublicId<"key"> api_key_id;
  Status status = Status::creating;
  std::string archetype;
  Purpose purpose = Purpose::production_customer;
  std::optional<std::string> label;
  std::optional<wire::Json> metadata;
  std::optional<EgressCapabilities> egress_capabilities;
  std::optional<wire::Json> egress_capability_report;
  Timestamp created_at, updated_at;
  std::optional<Timestamp> last_state_at, destroyed_at;
  std::optional<std::optional<Uuid>> proxy_id;

  static constexpr auto shape = wire::object(
      wire::field<&Session::id>("id"), wire::field<&Session::account_id>("account_id"), wire::field<&Session::api_key_id>("api_key_id"),
      wire::field<&Session::status>("status"), wire::field<&Session::archetype>("archetype"), wire::field<&Session::purpose>("purpose"),
      wire::field<&Session::label>("label", wire::nullable), wire::field<&Session::metadata>("metadata", wire::nullable),
      wire::field<&Session::egress_capabilities>("egress_capabilities", wire::nullable,
                                                 wire::doc("Null unless the session runs behind a SOCKS5 proxy that reported.")),
      wire::field<&Session::egress_capability_report>("egress_capability_report", wire::nullable),
      wire::field<&Session::created_at>("created_at"), wire::field<&Session::updated_at>("updated_at"),
      wire::field<&Session::last_state_at>("last_state_at", wire::nullable, wire::doc("Last successful read of the state.")),
      wire::field<&Session::destroyed_at>("destroyed_at", wire::nullable, wire::doc("End of the session, clean or not.")),
      wire::field<&Session::proxy_id>("proxy_id",
                                      wire::doc("Saved proxy that it goes through; null: none. Absent for members of a team.")));
};

struct SessionListQuery {
  std::int32_t limit = kDefaultPageSize;
  std::optional<std::string> cursor;
  std::optional<Status> status;
  static constexpr auto shape =
      wire::object(wire::field<&SessionListQuery::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxPageSize)),
                   wire::field<&SessionListQuery::cursor>("cursor", wire::length(1, kMaxCursorLength)),
                   wire::field<&SessionListQuery::status>("status", wire::doc("Only sessions in this status.")));
};

// ---------------------------------------------------------------- operations

inline constexpr std::string_view kFrameMatchDoc =
    "The one frame in which selectors look; absent: the top document. Not exactly one frame that fits: 409.";

struct Navigate {
  TargetUrl url;
  browser::WaitUntil wait_until = browser::WaitUntil::load;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  static constexpr auto shape =
      wire::object(wire::field<&Navigate::url>("url"), wire::field<&Navigate::wait_until>("wait_until", wire::defaulted),
                   wire::field<&Navigate::timeout_ms>("timeout_ms", wire::defaulted, wire::min(1000), wire::max(120'000)));
};
struct Navigated {
  std::string url;
  std::int32_t status = 0;
  std::string final_url;
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Navigated::url>("url", wire::doc("As requested.")),
                   wire::field<&Navigated::status>("status", wire::doc("HTTP status of the final document.")),
                   wire::field<&Navigated::final_url>("final_url"), wire::field<&Navigated::duration_ms>("duration_ms"));
};

struct Interact {
  browser::Action action;
  std::optional<browser::FrameMatch> frame_match;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  static constexpr auto shape =
      wire::object(wire::field<&Interact::action>("action"), wire::field<&Interact::frame_match>("frame_match", wire::doc(kFrameMatchDoc)),
                   wire::field<&Interact::timeout_ms>("timeout_ms", wire::defaulted, wire::min(100), wire::max(60'000)));
};
struct Interacted {
  bool ok = true;
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Interacted::ok>("ok", wire::doc("Always true.")), wire::field<&Interacted::duration_ms>("duration_ms"));
};

struct Wait {
  browser::Condition condition;
  std::optional<browser::FrameMatch> frame_match;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  static constexpr auto shape =
      wire::object(wire::field<&Wait::condition>("condition"), wire::field<&Wait::frame_match>("frame_match", wire::doc(kFrameMatchDoc)),
                   wire::field<&Wait::timeout_ms>("timeout_ms", wire::defaulted, wire::min(100), wire::max(120'000)));
};

struct Popup {
  std::string url;
  Timestamp at;
  static constexpr auto shape = wire::object(wire::field<&Popup::url>("url"), wire::field<&Popup::at>("at"));
};
struct State {
  std::optional<std::string> url, title;
  std::vector<browser::Cookie> cookies;
  std::map<std::string, std::string> local_storage;
  std::optional<browser::PageState> page_state;
  std::vector<Popup> popups;
  Timestamp captured_at;
  static constexpr auto shape =
      wire::object(wire::field<&State::url>("url", wire::nullable, wire::doc("Null before the first navigation.")),
                   wire::field<&State::title>("title", wire::nullable), wire::field<&State::cookies>("cookies"),
                   wire::field<&State::local_storage>("local_storage", wire::doc("Of the current origin.")),
                   wire::field<&State::page_state>("page_state", wire::nullable),
                   wire::field<&State::popups>("popups", wire::doc("Windows that pages opened, loaded in this session; oldest first.")),
                   wire::field<&State::captured_at>("captured_at"));
};

/// What customers may ask of a session; the role's `links` is for one-shot routes only.
enum class CaptureKind : std::uint8_t { screenshot, dom_snapshot, pdf, text, markdown, accessibility };
constexpr auto enum_names(CaptureKind) {
  return std::to_array<std::pair<std::string_view, CaptureKind>>({{"screenshot", CaptureKind::screenshot},
                                                                  {"dom_snapshot", CaptureKind::dom_snapshot},
                                                                  {"pdf", CaptureKind::pdf},
                                                                  {"text", CaptureKind::text},
                                                                  {"markdown", CaptureKind::markdown},
                                                                  {"accessibility", CaptureKind::accessibility}});
}

struct Capture {
  CaptureKind kind = CaptureKind::screenshot;
  bool full_page = false;
  std::optional<browser::ImageFormat> format;
  std::optional<std::int32_t> quality;
  std::optional<std::string> selector;
  std::optional<double> device_scale_factor;
  std::optional<browser::FrameMatch> frame_match;
  bool store = false;

  friend void check(const Capture& capture, wire::Issues& issues) {
    if (capture.frame_match && capture.kind != CaptureKind::dom_snapshot) {
      issues.add("frame_match", wire::IssueCode::not_allowed, "is for dom_snapshot only");
    }
    if (capture.kind == CaptureKind::screenshot) return check_picture(capture, issues);
    const auto refuse = [&issues](bool given, std::string_view field) {
      if (given) issues.add(field, wire::IssueCode::not_allowed, "is for screenshot only");
    };
    refuse(capture.format.has_value(), "format");
    refuse(capture.quality.has_value(), "quality");
    refuse(capture.selector.has_value(), "selector");
    refuse(capture.device_scale_factor.has_value(), "device_scale_factor");
  }
  /// The rules across the options of a picture; shared with the one-shot route.
  template <class Picture>
  static void check_picture(const Picture& picture, wire::Issues& issues) {
    if (picture.quality && picture.format != browser::ImageFormat::jpeg) {
      issues.add("quality", wire::IssueCode::not_allowed, "is for format jpeg only");
    }
    if (picture.selector && picture.full_page) {
      issues.add("selector", wire::IssueCode::not_allowed, "is not for full_page: a picture shows the page or an element");
    }
  }

  static constexpr auto shape = wire::object(
      wire::field<&Capture::kind>("kind"),
      wire::field<&Capture::full_page>("full_page", wire::defaulted, wire::doc("Whole page, not just the viewport; screenshot only.")),
      wire::field<&Capture::format>("format", wire::doc("png (default) or jpeg; screenshot only.")),
      wire::field<&Capture::quality>("quality", wire::min(1), wire::max(100), wire::doc("1 to 100, 80 by default; jpeg only.")),
      wire::field<&Capture::selector>("selector", wire::min_length(1), wire::doc("Only this element, brought into view; screenshot only.")),
      wire::field<&Capture::device_scale_factor>("device_scale_factor", wire::min(1), wire::max(3),
                                                 wire::doc("Device pixels per CSS pixel; that of the archetype by default.")),
      wire::field<&Capture::frame_match>(
          "frame_match", wire::doc("The one frame to read; absent: the top document. Not exactly one that fits: 409. dom_snapshot only.")),
      wire::field<&Capture::store>("store", wire::defaulted, wire::doc("Keep it as an artefact instead of answering it.")));
};
enum class Encoding : std::uint8_t { base64, utf8 };
constexpr auto enum_names(Encoding) {
  return std::to_array<std::pair<std::string_view, Encoding>>({{"base64", Encoding::base64}, {"utf8", Encoding::utf8}});
}
struct Captured {
  CaptureKind kind = CaptureKind::screenshot;
  std::optional<std::string> data;
  std::optional<Encoding> encoding;
  std::optional<KeptArtifact> artifact;
  std::int64_t byte_size = 0;
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(
      wire::field<&Captured::kind>("kind"), wire::field<&Captured::data>("data", wire::doc("The picture or document, encoded as said.")),
      wire::field<&Captured::encoding>("encoding"),
      wire::field<&Captured::artifact>("artifact", wire::doc("With store, in place of data and encoding.")),
      wire::field<&Captured::byte_size>("byte_size", wire::doc("Bytes before encoding.")),
      wire::field<&Captured::duration_ms>("duration_ms"));
};

struct Extract {
  std::vector<browser::Extraction> extractions;
  std::optional<browser::FrameMatch> frame_match;

  friend void check(const Extract& extract, wire::Issues& issues) {
    for (std::size_t i = 0; i < extract.extractions.size(); ++i) check_item(extract.extractions[i], i, issues);
  }

  static constexpr auto shape = wire::object(wire::field<&Extract::extractions>("extractions", wire::min_items(1), wire::max_items(100)),
                                             wire::field<&Extract::frame_match>("frame_match", wire::doc(kFrameMatchDoc)));

 private:
  static void check_item(const browser::Extraction& item, std::size_t at, wire::Issues& issues) {
    if (item.type == browser::ExtractType::attribute && !item.attribute) {
      issues.add({"extractions", at, "attribute"}, wire::IssueCode::required, "is required when type is attribute");
    }
    if (!item.extract) return;
    if (item.type != browser::ExtractType::list) {
      issues.add({"extractions", at, "extract"}, wire::IssueCode::not_allowed, "is for type list only");
    }
    for (const auto& [name, field] : *item.extract) {
      if (field.type != browser::FieldType::attribute || field.attribute) continue;
      issues.add({"extractions", at, "extract", std::string_view(name), "attribute"}, wire::IssueCode::required,
                 "is required when type is attribute");
    }
  }
};

struct Search {
  std::string query;
  std::optional<std::string> search_selector;
  bool submit = true;
  std::optional<std::string> wait_for_results_selector;
  std::int32_t timeout_seconds = 10;

  friend void check(const Search& search, wire::Issues& issues) { check_one_line(search.query, "query", issues); }
  /// Fields are filled in by keys: Enter would submit in the middle.
  static void check_one_line(std::string_view text, std::string_view field, wire::Issues& issues) {
    if (text.find_first_of("\r\n\t") != std::string_view::npos)
      issues.add(field, wire::IssueCode::pattern, "must be one line without tabs");
  }

  static constexpr auto shape =
      wire::object(wire::field<&Search::query>("query", wire::length(1, 10'000)),
                   wire::field<&Search::search_selector>("search_selector", wire::min_length(1),
                                                         wire::doc("The field; absent: the one that looks most like a search field.")),
                   wire::field<&Search::submit>("submit", wire::defaulted, wire::doc("By Enter in the field.")),
                   wire::field<&Search::wait_for_results_selector>("wait_for_results_selector", wire::min_length(1)),
                   wire::field<&Search::timeout_seconds>("timeout_seconds", wire::defaulted, wire::min(1), wire::max(120),
                                                         wire::doc("For the results only.")));
};

struct Login {
  SecretText username, password;
  std::optional<std::string> username_selector, password_selector, submit_selector, success_selector;
  std::int32_t timeout_seconds = 10;

  friend void check(const Login& login, wire::Issues& issues) {
    check_credential(login.username, "username", issues);
    check_credential(login.password, "password", issues);
  }

  static constexpr auto shape = wire::object(
      wire::field<&Login::username>("username"), wire::field<&Login::password>("password"),
      wire::field<&Login::username_selector>("username_selector", wire::min_length(1),
                                             wire::doc("Absent, like the next: the fields that look most like them.")),
      wire::field<&Login::password_selector>("password_selector", wire::min_length(1)),
      wire::field<&Login::submit_selector>("submit_selector", wire::min_length(1), wire::doc("Absent: Enter in the password field.")),
      wire::field<&Login::success_selector>("success_selector", wire::min_length(1), wire::doc("Absent: the password field is gone.")),
      wire::field<&Login::timeout_seconds>("timeout_seconds", wire::defaulted, wire::min(1), wire::max(120),
                                           wire::doc("For success only.")));

 private:
  static void check_credential(const SecretText& text, std::string_view field, wire::Issues& issues) {
    if (text.empty()) issues.add(field, wire::IssueCode::too_short, "must not be empty");
    Search::check_one_line(text.reveal(), field, issues);
  }
};

// ---------------------------------------------------------------- archetypes

enum class CanvasFamily : std::uint8_t { a, b };
constexpr auto enum_names(CanvasFamily) {
  return std::to_array<std::pair<std::string_view, CanvasFamily>>({{"A", CanvasFamily::a}, {"B", CanvasFamily::b}});
}
enum class ArchetypeStatus : std::uint8_t { launch, available };
constexpr auto enum_names(ArchetypeStatus) {
  return std::to_array<std::pair<std::string_view, ArchetypeStatus>>(
      {{"launch", ArchetypeStatus::launch}, {"available", ArchetypeStatus::available}});
}
struct Archetype {
  std::string id, display_label, device, ios_version, safari_version;
  CanvasFamily canvas_family = CanvasFamily::a;
  ArchetypeStatus status = ArchetypeStatus::available;
  bool is_default = false;
  static constexpr auto shape = wire::object(wire::field<&Archetype::id>("id"), wire::field<&Archetype::display_label>("display_label"),
                                             wire::field<&Archetype::device>("device"),
                                             wire::field<&Archetype::ios_version>("ios_version", wire::doc("Version of the platform.")),
                                             wire::field<&Archetype::safari_version>("safari_version", wire::doc("Version of the engine.")),
                                             wire::field<&Archetype::canvas_family>("canvas_family"),
                                             wire::field<&Archetype::status>("status"), wire::field<&Archetype::is_default>("is_default"));
};
struct ArchetypeList {
  std::string default_archetype_id;
  std::vector<Archetype> data;
  static constexpr auto shape =
      wire::object(wire::field<&ArchetypeList::default_archetype_id>("default_archetype_id"), wire::field<&ArchetypeList::data>("data"));
};

/// The record as customers see it.
/// As `reader` of the account sees it.
[[nodiscard]] Session show(const sessions::Session& session, TeamRole reader);

}  // namespace driftstack::sessions::body
