#include "csv.hpp"

namespace driftstack::audit {
namespace {

constexpr std::string_view kLineEnd = "\r\n";           // RFC 4180, section 2
constexpr std::string_view kQuotedIfAny = ",\"\r\n";    // RFC 4180, section 2
constexpr std::string_view kFormulaStart = "=+-@\t\r";  // OWASP, "CSV Injection"

}  // namespace

std::string_view csv_header() noexcept {
  return "timestamp,action,actor_type,actor_account_id,actor_key_id,target_resource_id,ip_address,user_agent,payload\r\n";
}

void append_csv_cell(std::string& out, std::string_view text) {
  const bool is_quoted = text.find_first_of(kQuotedIfAny) != std::string_view::npos;
  if (is_quoted) out += '"';
  if (!text.empty() && kFormulaStart.find(text.front()) != std::string_view::npos) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (is_quoted) out += '"';
}

void append_csv(std::string& out, const EntryView& entry) {
  entry.timestamp.append_text(out);
  const auto cell = [&out](std::string_view text) {
    out += ',';
    append_csv_cell(out, text);
  };
  cell(entry.action);
  cell(wire::enum_text(entry.actor_type));
  cell(entry.actor_account_id ? entry.actor_account_id->to_text() : std::string());
  cell(entry.actor_key_id ? entry.actor_key_id->to_text() : std::string());
  cell(entry.target_resource_id.value_or(std::string()));
  cell(entry.ip_address.value_or(std::string()));
  cell(entry.user_agent.value_or(std::string()));
  cell(entry.payload ? std::string_view(entry.payload->text()) : std::string_view());
  out += kLineEnd;
}

}  // namespace driftstack::audit
