#include "kernel/config/node.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace driftstack::kernel {
namespace {

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 64> buffer{};  // the shortest form of a double needs at most 24 characters
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  std::string out(buffer.data(), end);
  // TOML tells 1 and 1.0 apart.
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string list_text(const std::vector<ConfigNode>& items) {
  std::string out = "[";
  for (const ConfigNode& item : items) {
    if (out.size() > 1) out += ", ";
    out += item.to_toml();
  }
  return out + "]";
}

std::string table_text(const ConfigNode& table) {
  if (table.entries.empty()) return "{}";
  std::string out = "{ ";
  for (const auto& [name, node] : table.entries) {
    if (out.size() > 2) out += ", ";
    out += join_key("", name) + " = " + node.to_toml();
  }
  return out + " }";
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view name) const {
  const auto found = entries.find(name);
  return found == entries.end() ? nullptr : &found->second;
}

std::string_view ConfigNode::kind_name() const {
  switch (kind) {
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number with a fraction";
    case Kind::string:
      return "a string";
    case Kind::date_or_time:
      return "a date or time";
    case Kind::list:
      return "a list";
    case Kind::table:
      return "a table";
  }
  return "a value";
}

std::string ConfigNode::to_toml() const {
  switch (kind) {
    case Kind::boolean:
      return boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(integer);
    case Kind::number:
      return number_text(number);
    case Kind::string:
      return in_quotes_whole(text);
    case Kind::date_or_time:
      return text;
    case Kind::list:
      return list_text(items);
    case Kind::table:
      return table_text(*this);
  }
  return {};
}

}  // namespace driftstack::kernel
