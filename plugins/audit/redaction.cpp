#include "redaction.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace driftstack::audit {
namespace {

constexpr std::array<std::string_view, 5> kNetworkFields = {"issued_from_ip", "source_ip", "ip_address", "user_agent", "issued_user_agent"};

void append_without_network(std::string& out, wire::JsonView value);

void append_object(std::string& out, wire::JsonView object) {
  out += '{';
  bool is_first = true;
  for (const wire::JsonMember& member : object.members()) {
    if (std::find(kNetworkFields.begin(), kNetworkFields.end(), member.key) != kNetworkFields.end()) continue;
    if (!is_first) out += ',';
    is_first = false;
    wire::append_json_string(out, member.key);
    out += ':';
    append_without_network(out, member.value);
  }
  out += '}';
}

void append_without_network(std::string& out, wire::JsonView value) {
  if (value.is_object()) return append_object(out, value);
  if (!value.is_array()) {
    out += value.text();
    return;
  }
  out += '[';
  bool is_first = true;
  for (const wire::JsonView item : value.elements()) {
    if (!is_first) out += ',';
    is_first = false;
    append_without_network(out, item);
  }
  out += ']';
}

/// Did the account whose log this is do it itself (or the system for it)?
bool is_self_caused(const AuditEntry& entry) noexcept {
  return entry.actor != AuditActor::staff && (!entry.actor_account || *entry.actor_account == entry.account);
}

}  // namespace

EntryView view_of(const StoredEntry& stored, Reader reader) {
  const AuditEntry& entry = stored.entry;
  const bool shows_network = reader == Reader::owner && is_self_caused(entry);
  EntryView view;
  view.id = stored.id.to_text();
  view.account_id = AccountId(entry.account);
  view.actor_type = entry.actor;
  if (entry.actor == AuditActor::customer) {
    if (entry.actor_account) view.actor_account_id = AccountId(*entry.actor_account);
    if (entry.actor_key) view.actor_key_id = KeyId(*entry.actor_key);
  }
  view.action = entry.action;
  view.target_resource_id = entry.target;
  // Parsed again: a row that somebody edited must not break the answer.
  if (entry.payload) view.payload = wire::Json::parse(*entry.payload);
  if (view.payload && !shows_network) {
    std::string kept;
    append_without_network(kept, view.payload->view());
    view.payload = wire::Json::from_compact(std::move(kept));
  }
  if (shows_network) {
    view.ip_address = entry.ip_address;
    view.user_agent = entry.user_agent;
  }
  view.timestamp = Timestamp::from_micros(stored.created_at);
  return view;
}

}  // namespace driftstack::audit
