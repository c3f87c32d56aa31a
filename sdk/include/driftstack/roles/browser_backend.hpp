#pragma once
// Role BrowserBackend: runs browsers. Message-shaped: one described struct in, one out, so that a backend can live in another process.
//
// Bounds stand here because customers' bodies use the same action and condition structs (sessions.md 4).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/memory_file.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/support/wire.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {
namespace browser {

/// A preset that a session can be started with; what the engine really is, no disguise.
struct Archetype {
  std::string id;  ///< `^[a-z0-9_]+$`, 3..60
  std::string display_label;
  std::string device;
  std::string platform_version;        ///< shown as `ios_version`
  std::string engine_version;          ///< shown as `safari_version`
  std::int32_t width = 0, height = 0;  ///< viewport, CSS pixels
  std::int32_t scale = 1;              ///< device pixels per CSS pixel
  bool is_default = false;
};

enum class ProxyScheme : std::uint8_t { socks5, http };
constexpr auto enum_names(ProxyScheme) {
  return std::to_array<std::pair<std::string_view, ProxyScheme>>({{"socks5", ProxyScheme::socks5}, {"http", ProxyScheme::http}});
}
/// A customer's upstream proxy. Names of targets are resolved by the proxy. The backend checks the proxy's own address like any target.
struct Proxy {
  ProxyScheme scheme = ProxyScheme::socks5;
  std::string host;  ///< name or literal address, without brackets
  std::int32_t port = 0;
  std::optional<std::string> username;
  std::optional<SecretText> password;  ///< read, never written
  static constexpr auto shape =
      wire::object(wire::field<&Proxy::scheme>("scheme"), wire::field<&Proxy::host>("host", wire::length(1, 255)),
                   wire::field<&Proxy::port>("port", wire::min(1), wire::max(65535)),
                   wire::field<&Proxy::username>("username", wire::max_length(255)), wire::field<&Proxy::password>("password"));
};

struct Start {
  std::string session_id;  ///< `ses_…`, for logs; also the backend's handle
  std::string archetype;
  bool keeps_state = false;  ///< `save_state` will be asked for; without it a browser need not remember more than it must
  /// What `save_state` of an earlier session answered, unchanged and sealed; no file: a browser that has seen nothing yet. The descriptor
  /// travels beside the message.
  MemoryFile state;
  std::optional<Proxy> proxy;  ///< all traffic goes through it; without it nothing falls back to a direct connection
  /// Host names in lower case, each with its subdomains. Not empty: pages reach these only. A block wins over an allowance.
  std::vector<std::string> allowed_domains, blocked_domains;
  static constexpr auto shape =
      wire::object(wire::field<&Start::session_id>("session_id"), wire::field<&Start::archetype>("archetype"),
                   wire::field<&Start::keeps_state>("keeps_state", wire::defaulted), wire::field<&Start::proxy>("proxy"),
                   wire::field<&Start::allowed_domains>("allowed_domains", wire::defaulted),
                   wire::field<&Start::blocked_domains>("blocked_domains", wire::defaulted));
};

/// Asks whether a proxy can carry a session: connect, handshake, authentication, one real request through it.
struct ProbeProxy {
  Proxy proxy;
  std::int64_t timeout_ms = 10000;
  static constexpr auto shape =
      wire::object(wire::field<&ProbeProxy::proxy>("proxy"), wire::field<&ProbeProxy::timeout_ms>("timeout_ms", wire::defaulted));
};
enum class ProxyFailure : std::uint8_t {
  unreachable,     ///< nothing at host and port, or an address that is refused
  auth_failed,     ///< it wants other credentials
  timeout,         ///< accepted, but too slow
  egress_blocked,  ///< authenticated, then refused or failed to route
};
constexpr auto enum_names(ProxyFailure) {
  return std::to_array<std::pair<std::string_view, ProxyFailure>>({{"unreachable", ProxyFailure::unreachable},
                                                                   {"auth_failed", ProxyFailure::auth_failed},
                                                                   {"timeout", ProxyFailure::timeout},
                                                                   {"egress_blocked", ProxyFailure::egress_blocked}});
}
struct ProxyProbed {
  std::optional<ProxyFailure> failure;  ///< absent: it works
  std::int64_t latency_ms = 0;          ///< of the whole probe
  static constexpr auto shape =
      wire::object(wire::field<&ProxyProbed::failure>("failure"), wire::field<&ProxyProbed::latency_ms>("latency_ms"));
};

/// Names one frame of a page by its address.
struct FrameMatch {
  std::string host;                                         ///< compared exactly but for case; the port does not count
  std::optional<std::string> path_prefix;                   ///< whole path segments
  std::optional<std::map<std::string, std::string>> query;  ///< pairs that must be there, decoded
  static constexpr auto shape =
      wire::object(wire::field<&FrameMatch::host>("host", wire::min_length(1)), wire::field<&FrameMatch::path_prefix>("path_prefix"),
                   wire::field<&FrameMatch::query>("query"));
};

enum class WaitUntil : std::uint8_t { load, domcontentloaded, networkidle };
constexpr auto enum_names(WaitUntil) {
  return std::to_array<std::pair<std::string_view, WaitUntil>>(
      {{"load", WaitUntil::load}, {"domcontentloaded", WaitUntil::domcontentloaded}, {"networkidle", WaitUntil::networkidle}});
}

struct Navigate {
  std::string session_id;
  std::string url;  ///< absolute, http or https
  WaitUntil wait_until = WaitUntil::load;
  std::int64_t timeout_ms = 30000;
  static constexpr auto shape = wire::object(wire::field<&Navigate::session_id>("session_id"), wire::field<&Navigate::url>("url"),
                                             wire::field<&Navigate::wait_until>("wait_until", wire::defaulted),
                                             wire::field<&Navigate::timeout_ms>("timeout_ms", wire::defaulted));
};
struct Navigated {
  std::int32_t status = 0;  ///< HTTP status of the final document
  std::string final_url;
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(wire::field<&Navigated::status>("status"), wire::field<&Navigated::final_url>("final_url"),
                                             wire::field<&Navigated::duration_ms>("duration_ms"));
};

struct Tap {
  static constexpr std::string_view kTag = "tap";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&Tap::selector>("selector", wire::min_length(1)));
};
struct TypeText {
  static constexpr std::string_view kTag = "type";
  std::string selector;
  std::string text;
  std::int32_t delay_ms = 0;  ///< between keystrokes
  bool sensitive = false;     ///< never logged
  static constexpr auto shape = wire::object(wire::field<&TypeText::selector>("selector", wire::min_length(1)),
                                             wire::field<&TypeText::text>("text", wire::max_length(10000)),
                                             wire::field<&TypeText::delay_ms>("delay_ms", wire::defaulted, wire::min(0), wire::max(500)),
                                             wire::field<&TypeText::sensitive>("sensitive", wire::defaulted));
};
struct Scroll {
  static constexpr std::string_view kTag = "scroll";
  std::optional<std::string> selector;  ///< that element, else the viewport
  std::int32_t delta_x = 0, delta_y = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Scroll::selector>("selector", wire::min_length(1)),
                   wire::field<&Scroll::delta_x>("delta_x", wire::defaulted), wire::field<&Scroll::delta_y>("delta_y", wire::defaulted));
};
struct Press {
  static constexpr std::string_view kTag = "press";
  std::string key;  ///< key name (`Enter`, `ArrowDown`) or one character
  static constexpr auto shape = wire::object(wire::field<&Press::key>("key", wire::length(1, 20)));
};
struct Hover {
  static constexpr std::string_view kTag = "hover";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&Hover::selector>("selector", wire::min_length(1)));
};
struct Select {
  static constexpr std::string_view kTag = "select";
  std::string selector;
  std::vector<std::string> values;  ///< of options; afterwards exactly these are selected
  static constexpr auto shape =
      wire::object(wire::field<&Select::selector>("selector", wire::min_length(1)),
                   wire::field<&Select::values>("values", wire::min_items(1), wire::max_items(100), wire::doc("Values of options.")));
};
struct Clear {
  static constexpr std::string_view kTag = "clear";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&Clear::selector>("selector", wire::min_length(1)));
};
struct Check {
  static constexpr std::string_view kTag = "check";
  std::string selector;
  bool checked = true;
  static constexpr auto shape = wire::object(wire::field<&Check::selector>("selector", wire::min_length(1)),
                                             wire::field<&Check::checked>("checked", wire::defaulted));
};
struct UploadFile {
  std::string name;                         ///< what the page sees; a plain file name, never a path
  wire::Bytes content_base64;               ///< the content
  std::optional<std::string> content_type;  ///< for the record: the page sees the type that belongs to the name's ending

  friend void check(const UploadFile& file, wire::Issues& issues) {
    constexpr std::size_t kMostNameBytes = 255;  // what file systems take
    bool plain = file.name != "." && file.name != ".." && file.name.size() <= kMostNameBytes;
    for (const char c : file.name) plain = plain && c != '/' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    if (!plain) issues.add("name", wire::IssueCode::pattern, "must be a plain file name of at most 255 bytes");
  }

  static constexpr auto shape = wire::object(
      wire::field<&UploadFile::name>("name", wire::length(1, 255), wire::doc("What the page sees; a plain file name.")),
      wire::field<&UploadFile::content_base64>("content_base64"),
      wire::field<&UploadFile::content_type>("content_type", wire::length(1, 255),
                                             wire::doc("For the record: the page sees the type that belongs to the name's ending.")));
};
struct Upload {
  static constexpr std::string_view kTag = "upload";
  std::string selector;  ///< a file field, or what opens one when it is tapped
  std::vector<UploadFile> files;
  static constexpr auto shape = wire::object(wire::field<&Upload::selector>("selector", wire::min_length(1)),
                                             wire::field<&Upload::files>("files", wire::min_items(1), wire::max_items(10)));
};
struct Drag {
  static constexpr std::string_view kTag = "drag";
  std::string selector, to_selector;
  static constexpr auto shape = wire::object(wire::field<&Drag::selector>("selector", wire::min_length(1)),
                                             wire::field<&Drag::to_selector>("to_selector", wire::min_length(1)));
};
/// Answers the open dialog, else the next one. A dialog that nobody asked for is dismissed.
struct AnswerDialog {
  static constexpr std::string_view kTag = "dialog";
  bool accept = false;
  std::optional<std::string> text;  ///< of a prompt; absent: what the page proposes
  static constexpr auto shape =
      wire::object(wire::field<&AnswerDialog::accept>("accept"), wire::field<&AnswerDialog::text>("text", wire::max_length(2000)));
};
using Action = std::variant<Tap, TypeText, Scroll, Press, Hover, Select, Clear, Check, Upload, Drag, AnswerDialog>;

struct Interact {
  std::string session_id;
  Action action;
  std::optional<FrameMatch> frame_match;  ///< where the selectors look; absent: the top document
  std::int64_t timeout_ms = 30000;
  static constexpr auto shape =
      wire::object(wire::field<&Interact::session_id>("session_id"), wire::field<&Interact::action>("action"),
                   wire::field<&Interact::frame_match>("frame_match"), wire::field<&Interact::timeout_ms>("timeout_ms", wire::defaulted));
};
struct Interacted {
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(wire::field<&Interacted::duration_ms>("duration_ms"));
};

struct SelectorPresent {
  static constexpr std::string_view kTag = "selector";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&SelectorPresent::selector>("selector", wire::min_length(1)));
};
struct SelectorHidden {
  static constexpr std::string_view kTag = "selector_hidden";
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&SelectorHidden::selector>("selector", wire::min_length(1)));
};
struct UrlMatches {
  static constexpr std::string_view kTag = "url_matches";
  std::string pattern;  ///< regular expression (ECMAScript, unanchored search)
  static constexpr auto shape = wire::object(wire::field<&UrlMatches::pattern>("pattern", wire::min_length(1)));
};
struct TimePassed {
  static constexpr std::string_view kTag = "time";
  std::int32_t ms = 0;
  static constexpr auto shape = wire::object(wire::field<&TimePassed::ms>("ms", wire::min(0), wire::max(60000)));
};
using Condition = std::variant<SelectorPresent, SelectorHidden, UrlMatches, TimePassed>;

struct Wait {
  std::string session_id;
  Condition condition;
  std::optional<FrameMatch> frame_match;  ///< as in Interact; the wait is for the frame too
  std::int64_t timeout_ms = 30000;
  static constexpr auto shape =
      wire::object(wire::field<&Wait::session_id>("session_id"), wire::field<&Wait::condition>("condition"),
                   wire::field<&Wait::frame_match>("frame_match"), wire::field<&Wait::timeout_ms>("timeout_ms", wire::defaulted));
};
struct Waited {
  bool satisfied = false;
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Waited::satisfied>("satisfied"), wire::field<&Waited::duration_ms>("duration_ms"));
};

struct GetState {
  std::string session_id;
  static constexpr auto shape = wire::object(wire::field<&GetState::session_id>("session_id"));
};
struct Cookie {
  std::string name, value, domain, path;
  std::optional<double> expires;  ///< unix seconds; null for a session cookie
  bool http_only = false, secure = false;
  std::optional<std::string> same_site;  ///< `strict`, `lax`, `none`
  static constexpr auto shape =
      wire::object(wire::field<&Cookie::name>("name"), wire::field<&Cookie::value>("value"), wire::field<&Cookie::domain>("domain"),
                   wire::field<&Cookie::path>("path"), wire::field<&Cookie::expires>("expires", wire::nullable),
                   wire::field<&Cookie::http_only>("http_only"), wire::field<&Cookie::secure>("secure"),
                   wire::field<&Cookie::same_site>("same_site", wire::nullable));
};
enum class PageLoad : std::uint8_t { loading, loaded, errored };
constexpr auto enum_names(PageLoad) {
  return std::to_array<std::pair<std::string_view, PageLoad>>(
      {{"loading", PageLoad::loading}, {"loaded", PageLoad::loaded}, {"errored", PageLoad::errored}});
}
enum class LoadError : std::uint8_t { http, tls, dns, net, timeout };
constexpr auto enum_names(LoadError) {
  return std::to_array<std::pair<std::string_view, LoadError>>({{"http", LoadError::http},
                                                                {"tls", LoadError::tls},
                                                                {"dns", LoadError::dns},
                                                                {"net", LoadError::net},
                                                                {"timeout", LoadError::timeout}});
}
struct PageError {
  LoadError kind = LoadError::net;
  std::optional<std::int32_t> http_status;  ///< kind http only
  std::string message;                      ///< at most 500 characters
  static constexpr auto shape = wire::object(wire::field<&PageError::kind>("kind"), wire::field<&PageError::http_status>("http_status"),
                                             wire::field<&PageError::message>("message", wire::max_length(500)));
};
struct PageState {
  PageLoad state = PageLoad::loading;
  std::optional<PageError> error;  ///< only when errored
  static constexpr auto shape = wire::object(wire::field<&PageState::state>("state"), wire::field<&PageState::error>("error"));
};
/// A window that the page opened; it was loaded in the session's one view.
struct Popup {
  std::string url;
  std::int64_t at = 0;  ///< microseconds since 1970 UTC
  static constexpr auto shape = wire::object(wire::field<&Popup::url>("url"), wire::field<&Popup::at>("at"));
};
struct State {
  std::optional<std::string> url;  ///< null before the first navigation
  std::optional<std::string> title;
  std::vector<Cookie> cookies;
  std::map<std::string, std::string> local_storage;  ///< of the current origin
  std::optional<PageState> page_state;               ///< null until a lifecycle event was seen
  std::vector<Popup> popups;                         ///< oldest first; a backend may keep the latest only
  static constexpr auto shape =
      wire::object(wire::field<&State::url>("url", wire::nullable), wire::field<&State::title>("title", wire::nullable),
                   wire::field<&State::cookies>("cookies"), wire::field<&State::local_storage>("local_storage"),
                   wire::field<&State::page_state>("page_state", wire::nullable), wire::field<&State::popups>("popups"));
};

enum class CaptureKind : std::uint8_t { screenshot, dom_snapshot, pdf, text, markdown, accessibility, links };
constexpr auto enum_names(CaptureKind) {
  return std::to_array<std::pair<std::string_view, CaptureKind>>({{"screenshot", CaptureKind::screenshot},
                                                                  {"dom_snapshot", CaptureKind::dom_snapshot},
                                                                  {"pdf", CaptureKind::pdf},
                                                                  {"text", CaptureKind::text},
                                                                  {"markdown", CaptureKind::markdown},
                                                                  {"accessibility", CaptureKind::accessibility},
                                                                  {"links", CaptureKind::links}});
}
enum class ImageFormat : std::uint8_t { png, jpeg };
constexpr auto enum_names(ImageFormat) {
  return std::to_array<std::pair<std::string_view, ImageFormat>>({{"png", ImageFormat::png}, {"jpeg", ImageFormat::jpeg}});
}
struct Capture {
  std::string session_id;
  CaptureKind kind = CaptureKind::screenshot;
  // Screenshots only.
  bool full_page = false;  ///< all of the document, not with `selector`
  ImageFormat format = ImageFormat::png;
  std::int32_t quality = 80;                  ///< 1..100, JPEG only
  std::optional<std::string> selector;        ///< the first visible match, brought into view; the picture is its box
  std::optional<double> device_scale_factor;  ///< 1..3 device pixels per CSS pixel; absent: that of the archetype
  // Neither screenshots nor PDFs.
  std::optional<FrameMatch> frame_match;  ///< the frame to read; absent: the top document, with frames of its origin
  static constexpr auto shape =
      wire::object(wire::field<&Capture::session_id>("session_id"), wire::field<&Capture::kind>("kind"),
                   wire::field<&Capture::full_page>("full_page", wire::defaulted), wire::field<&Capture::format>("format", wire::defaulted),
                   wire::field<&Capture::quality>("quality", wire::defaulted, wire::min(1), wire::max(100)),
                   wire::field<&Capture::selector>("selector", wire::min_length(1)),
                   wire::field<&Capture::device_scale_factor>("device_scale_factor", wire::min(1), wire::max(3)),
                   wire::field<&Capture::frame_match>("frame_match"));
};
struct Captured {
  wire::Bytes bytes;  ///< picture, PDF or UTF-8 text; complete whatever its size, the caller applies the caps of its contract
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(wire::field<&Captured::bytes>("bytes"), wire::field<&Captured::duration_ms>("duration_ms"));
};

/// One line of a `links` capture, whose bytes are a JSON array of them.
struct Link {
  std::string url;   ///< absolute
  std::string text;  ///< its accessible name
  static constexpr auto shape = wire::object(wire::field<&Link::url>("url"), wire::field<&Link::text>("text"));
};

enum class ExtractType : std::uint8_t { text, attribute, list };
constexpr auto enum_names(ExtractType) {
  return std::to_array<std::pair<std::string_view, ExtractType>>(
      {{"text", ExtractType::text}, {"attribute", ExtractType::attribute}, {"list", ExtractType::list}});
}
enum class FieldType : std::uint8_t { text, attribute };
constexpr auto enum_names(FieldType) {
  return std::to_array<std::pair<std::string_view, FieldType>>({{"text", FieldType::text}, {"attribute", FieldType::attribute}});
}
enum class Transform : std::uint8_t { number };
constexpr auto enum_names(Transform) { return std::to_array<std::pair<std::string_view, Transform>>({{"number", Transform::number}}); }

struct ExtractField {
  FieldType type = FieldType::text;
  std::optional<std::string> attribute, selector;
  static constexpr auto shape =
      wire::object(wire::field<&ExtractField::type>("type"), wire::field<&ExtractField::attribute>("attribute", wire::min_length(1)),
                   wire::field<&ExtractField::selector>("selector", wire::min_length(1)));
};
struct Extraction {
  std::string name, selector;
  ExtractType type = ExtractType::text;
  std::optional<std::string> attribute;
  std::optional<Transform> transform;
  std::optional<std::map<std::string, ExtractField>> extract;  ///< only for list
  static constexpr auto shape = wire::object(
      wire::field<&Extraction::name>("name", wire::min_length(1)), wire::field<&Extraction::selector>("selector", wire::min_length(1)),
      wire::field<&Extraction::type>("type"), wire::field<&Extraction::attribute>("attribute", wire::min_length(1)),
      wire::field<&Extraction::transform>("transform"), wire::field<&Extraction::extract>("extract"));
};
struct Extract {
  std::string session_id;
  std::vector<Extraction> extractions;
  std::optional<FrameMatch> frame_match;  ///< as in Interact
  static constexpr auto shape =
      wire::object(wire::field<&Extract::session_id>("session_id"), wire::field<&Extract::extractions>("extractions"),
                   wire::field<&Extract::frame_match>("frame_match"));
};
struct Extracted {
  wire::Json value;  ///< object: extraction name to value
  static constexpr auto shape = wire::object(wire::field<&Extracted::value>("value"));
};

/// Time that finding and filling in the fields of a search or a login may take in all, beside `timeout_ms`.
inline constexpr std::int64_t kFillInMs = 60'000;
/// The part of it after which a field counts as not there.
inline constexpr std::int64_t kFindFieldMs = 30'000;

struct Search {
  std::string session_id;
  std::string query;                                     ///< one line
  std::optional<std::string> search_selector;            ///< the field; absent: the one that looks most like it
  bool submit = true;                                    ///< by Enter in the field
  std::optional<std::string> wait_for_results_selector;  ///< looked for until it is visible
  std::int64_t timeout_ms = 10000;                       ///< for the results
  static constexpr auto shape =
      wire::object(wire::field<&Search::session_id>("session_id"), wire::field<&Search::query>("query"),
                   wire::field<&Search::search_selector>("search_selector"), wire::field<&Search::submit>("submit", wire::defaulted),
                   wire::field<&Search::wait_for_results_selector>("wait_for_results_selector"),
                   wire::field<&Search::timeout_ms>("timeout_ms", wire::defaulted));
};
struct Searched {
  bool submitted = false;
  bool query_truncated = false;         ///< the field did not take all of it, or not in time: nothing was submitted
  std::optional<bool> results_visible;  ///< absent when nothing was waited for
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Searched::submitted>("submitted", wire::doc("False whenever the query was truncated.")),
                   wire::field<&Searched::query_truncated>("query_truncated",
                                                           wire::doc("The field did not take the whole query; nothing was submitted.")),
                   wire::field<&Searched::results_visible>("results_visible", wire::doc("Only with wait_for_results_selector.")),
                   wire::field<&Searched::duration_ms>("duration_ms"));
};

struct Login {
  std::string session_id;
  std::string username, password;  ///< one line each; never logged, never part of an error
  // Absent: the fields are those that look most like them, the password field is left by Enter, and success is that it is gone.
  std::optional<std::string> username_selector, password_selector, submit_selector, success_selector;
  std::int64_t timeout_ms = 10000;  ///< for success
  static constexpr auto shape = wire::object(
      wire::field<&Login::session_id>("session_id"), wire::field<&Login::username>("username"), wire::field<&Login::password>("password"),
      wire::field<&Login::username_selector>("username_selector"), wire::field<&Login::password_selector>("password_selector"),
      wire::field<&Login::submit_selector>("submit_selector"), wire::field<&Login::success_selector>("success_selector"),
      wire::field<&Login::timeout_ms>("timeout_ms", wire::defaulted));
};
struct LoggedIn {
  bool submitted = false;
  bool credentials_truncated = false;         ///< a field did not take all of it, or not in time: nothing was submitted
  bool logged_in = false;                     ///< an assessment, no proof
  std::optional<std::string> post_login_url;  ///< only when submitted
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&LoggedIn::submitted>("submitted", wire::doc("True unless the credentials were truncated.")),
                   wire::field<&LoggedIn::credentials_truncated>("credentials_truncated",
                                                                 wire::doc("A field did not take the whole text; nothing was submitted.")),
                   wire::field<&LoggedIn::logged_in>("logged_in", wire::doc("An assessment, no proof.")),
                   wire::field<&LoggedIn::post_login_url>("post_login_url"), wire::field<&LoggedIn::duration_ms>("duration_ms"));
};

struct SaveState {
  std::string session_id;
  static constexpr auto shape = wire::object(wire::field<&SaveState::session_id>("session_id"));
};
struct SavedState {
  MemoryFile state;  ///< a state archive (support/state_archive.hpp), sealed; travels beside the message
  static constexpr auto shape = wire::object();
};

struct Stop {
  std::string session_id;
  static constexpr auto shape = wire::object(wire::field<&Stop::session_id>("session_id"));
};

/// What a session moved over the network in its whole life; zero where the backend does not see it.
struct Traffic {
  std::int64_t bytes_in = 0;   ///< from the network to the browser
  std::int64_t bytes_out = 0;  ///< from the browser to the network
  std::int64_t connections = 0;
  std::int64_t refused = 0;  ///< connections that no guard let through
  static constexpr auto shape = wire::object(wire::field<&Traffic::bytes_in>("bytes_in"), wire::field<&Traffic::bytes_out>("bytes_out"),
                                             wire::field<&Traffic::connections>("connections"), wire::field<&Traffic::refused>("refused"));
};
struct Stopped {
  Traffic traffic;  ///< all zero for a session that had no browser any more
  static constexpr auto shape = wire::object(wire::field<&Stopped::traffic>("traffic"));
};

/// Told of browsers that ended by themselves. Implemented by the plugin that owns the sessions. [any io-thread]
class Listener {
 public:
  /// The browser of that session is gone (crash, kill, memory limit); once per session, never after its stop was answered.
  virtual void browser_gone(std::string session_id, std::string reason, Traffic traffic) noexcept = 0;

 protected:
  ~Listener() = default;
};

/// Implemented by `browser-webkit`.
///
/// One browser per session id; commands to one session come one at a time, stop may come during any command and makes it fail. Errors:
/// - Errc::bad_request: a selector that does not parse; the page is untouched.
/// - Errc::session_timeout: an interact target was absent, unusable or covered (detail says by what) for the whole time, or a navigation
///   took longer than its timeout.
/// - Errc::conflict: not exactly one frame fits `frame_match` (a wait: none came in its time), or the element of a picture is not there;
/// the
///   page is untouched.
/// - Errc::payload_too_large: a capture that would be larger than the backend can make; the page is untouched.
/// - Errc::driver_error: navigation failed (`members` has `"kind"` of LoadError), the browser crashed, or answered nonsense.
/// - Errc::driver_not_integrated: no such archetype, or the engine or its sandbox cannot be had here (detail says what is missing).
/// - Errc::cancelled: stop won.
class Backend {
 public:
  static constexpr InterfaceId kId{"browser.backend", 1};

  /// Constant after start(); exactly one is_default. [any-thread]
  virtual std::span<const Archetype> archetypes() const noexcept = 0;
  /// Null to stop listening. [io-thread]
  virtual void set_listener(Listener* listener) noexcept = 0;

  virtual AsyncResult<> start(const Call& call, Start message) = 0;
  virtual AsyncResult<Navigated> navigate(const Call& call, Navigate message) = 0;
  virtual AsyncResult<Interacted> interact(const Call& call, Interact message) = 0;
  virtual AsyncResult<Waited> wait(const Call& call, Wait message) = 0;
  virtual AsyncResult<State> state(const Call& call, GetState message) = 0;
  virtual AsyncResult<Captured> capture(const Call& call, Capture message) = 0;
  virtual AsyncResult<Extracted> extract(const Call& call, Extract message) = 0;
  /// Whether search and login work at all. Constant after start(). [any-thread]
  virtual bool fills_in_forms() const noexcept = 0;
  /// Errc::session_timeout when no field was found or none could be used in its time; the page is untouched then but for what was typed.
  virtual AsyncResult<Searched> search(const Call& call, Search message) = 0;
  virtual AsyncResult<LoggedIn> login(const Call& call, Login message) = 0;
  /// Ends the pages and answers what they left behind: cookies with all attributes (session cookies too), localStorage, sessionStorage,
  /// IndexedDB, service workers, CacheStorage. A running command fails with Errc::cancelled; after it only `stop` is of use, whatever it
  /// answered. Errc::misuse: the session was started without `keeps_state`. Errc::payload_too_large: more than an archive holds.
  virtual AsyncResult<SavedState> save_state(const Call& call, SaveState message) = 0;
  /// Starts no browser and keeps nothing. Errors only for what is no answer about the proxy (the server stops).
  virtual AsyncResult<ProxyProbed> probe_proxy(const Call& call, ProbeProxy message) = 0;
  /// Ends the browser; its whole process tree is gone when it answers. Ok for an unknown session.
  virtual AsyncResult<Stopped> stop(const Call& call, Stop message) = 0;

 protected:
  ~Backend() = default;
};

}  // namespace browser
}  // namespace v1
}  // namespace driftstack
