#include "kernel/config/json_text.hpp"

#include <cmath>

namespace driftstack::kernel {

std::string json_string(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 0x0f];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_strings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ",";
    out += json_string(text);
  }
  return out + "]";
}

std::string json_value(const ConfigNode& node) {
  std::string out;
  switch (node.kind) {
    case ConfigNode::Kind::string:
    case ConfigNode::Kind::date_or_time:
      return json_string(node.text);
    case ConfigNode::Kind::number:
      return std::isfinite(node.number) ? node.to_toml() : "null";
    case ConfigNode::Kind::boolean:
    case ConfigNode::Kind::integer:
      return node.to_toml();
    case ConfigNode::Kind::list:
      for (const ConfigNode& item : node.items) out += (out.empty() ? "" : ",") + json_value(item);
      return "[" + out + "]";
    case ConfigNode::Kind::table:
      for (const auto& [name, entry] : node.entries) out += (out.empty() ? "" : ",") + json_string(name) + ":" + json_value(entry);
      return "{" + out + "}";
  }
  return "null";
}

}  // namespace driftstack::kernel
