#include "chain.hpp"

#include <optional>
#include <string_view>

namespace driftstack::audit {
namespace {

constexpr char kFormat = 1;  // of the bytes below; a change of them takes the next number

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>((number >> shift) & 0xFF);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

void append_text(std::string& out, const std::optional<std::string>& text) {
  out += text ? '\1' : '\0';
  if (text) append_text(out, std::string_view(*text));
}

template <class Bytes>
std::string_view as_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void append_id(std::string& out, const Uuid& id) { out += as_text(id.bytes()); }

void append_id(std::string& out, const std::optional<Uuid>& id) {
  out += id ? '\1' : '\0';
  if (id) append_id(out, *id);
}

}  // namespace

std::string canonical_bytes(const StoredEntry& stored) {
  const AuditEntry& entry = stored.entry;
  std::string out(1, kFormat);
  append_id(out, entry.account);
  append_id(out, stored.id);
  append_number(out, static_cast<std::uint64_t>(stored.created_at));
  out += static_cast<char>(entry.actor);
  append_id(out, entry.actor_account);
  append_id(out, entry.actor_key);
  append_text(out, std::string_view(entry.action));
  append_text(out, entry.target);
  append_text(out, entry.payload);
  append_text(out, entry.ip_address);
  append_text(out, entry.user_agent);
  return out;
}

Link Chain::link(const Link& previous, const StoredEntry& entry) const {
  std::string message(as_text(previous));
  message += canonical_bytes(entry);
  return secrets_.mac("audit.link", message);
}

Digest Chain::seal(const Uuid& account, std::int64_t entries, const Link& link) const {
  std::string message;
  append_id(message, account);
  append_number(message, static_cast<std::uint64_t>(entries));
  message += as_text(link);
  return secrets_.mac("audit.head", message);
}

}  // namespace driftstack::audit
