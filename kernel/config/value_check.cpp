#include "kernel/config/value_check.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "kernel/config/suggestion.hpp"
#include "kernel/config/value_syntax.hpp"

namespace driftstack::kernel {
namespace {

struct TypeWords {
  std::string_view noun;
  std::string_view advice;
};

/// What each type is called in a finding, and what to write instead.
TypeWords words(SettingType type) {
  switch (type) {
    case SettingType::boolean:
      return {"a boolean", "write true or false"};
    case SettingType::integer:
      return {"an integer", "write a whole number without quotes, for example 8"};
    case SettingType::number:
      return {"a number", "write a number without quotes, for example 0.5"};
    case SettingType::duration:
      return {"a duration", "write a number with ms, s, m, h or d, for example \"5m\""};
    case SettingType::bytes:
      return {"a size", "write a number with B, KiB, MiB, GiB or TiB, for example \"64MiB\""};
    case SettingType::string:
      return {"a string", "write text in quotes"};
    case SettingType::choice:
      return {"a string", "write one of the allowed words in quotes"};
    case SettingType::host_port:
      return {"host:port", "write for example \"127.0.0.1:8080\" or \"[::1]:8080\""};
    case SettingType::url:
      return {"a URL", "write for example \"https://example.org\""};
    case SettingType::path:
      return {"a path", "write a path in quotes, for example \"/var/lib/driftstack\""};
    case SettingType::address_range:
      return {"an address range", "write for example \"10.0.0.0/8\" or \"fd00::/8\", with zero bits behind the prefix"};
    case SettingType::list:
      return {"a list", "write values in brackets, for example [\"a\", \"b\"]"};
    case SettingType::table:
    case SettingType::table_map:
      return {"a table", "write its keys under a [header]"};
  }
  return {"a value", ""};
}

/// The value as the operator should recognise it in a finding.
std::string shown(const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::string) return in_quotes(node.text);
  if (node.kind == ConfigNode::Kind::list || node.kind == ConfigNode::Kind::table) return std::string(node.kind_name());
  return node.to_toml();
}

ValueCheck problem_at(const ConfigNode& node, std::string problem) { return {std::nullopt, node.origin, std::move(problem)}; }

ValueCheck wrong_type(const ConfigNode& node, SettingType type) {
  const TypeWords expected = words(type);
  return problem_at(node, shown(node) + " is not " + std::string(expected.noun) + "; " + std::string(expected.advice));
}

ValueCheck accept(const ConfigNode& node, SettingData data) { return {std::move(data), node.origin, {}}; }

std::string allowed_range(const Setting& setting) {
  if (setting.minimum && setting.maximum) return "write a value from " + setting.minimum->text + " to " + setting.maximum->text;
  if (setting.minimum) return "write " + setting.minimum->text + " or more";
  return "write " + setting.maximum->text + " or less";
}

/// `subject` is what the sentence speaks of: the value, or the length of the value.
template <typename T>
ValueCheck within_bounds(const ConfigNode& node, const Setting& setting, T measured, T Bound::*bound, const std::string& subject,
                         SettingData data) {
  if (setting.minimum && measured < (*setting.minimum).*bound) {
    return problem_at(node, subject + " is below the minimum " + setting.minimum->text + "; " + allowed_range(setting));
  }
  if (setting.maximum && measured > (*setting.maximum).*bound) {
    return problem_at(node, subject + " is above the maximum " + setting.maximum->text + "; " + allowed_range(setting));
  }
  return accept(node, std::move(data));
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string beside_its_file(const ConfigNode& node) {
  if (!node.origin.in_file() || std::filesystem::path(node.text).is_absolute()) return node.text;
  return (std::filesystem::path(node.origin.source).parent_path() / node.text).lexically_normal().string();
}

ValueCheck check_choice(const ConfigNode& node, const Setting& setting) {
  if (std::find(setting.choices.begin(), setting.choices.end(), node.text) != setting.choices.end()) return accept(node, node.text);
  std::string problem = in_quotes(node.text) + " is not one of " + quoted_list(setting.choices);
  if (const auto near = nearest(node.text, setting.choices)) problem += "; did you mean " + in_quotes(*near) + "?";
  return problem_at(node, problem);
}

/// Types whose value stays text. Lengths are not bounded here, they belong to a list when `type` is its item.
ValueCheck check_text(const ConfigNode& node, const Setting& setting, SettingType type) {
  if (node.kind != ConfigNode::Kind::string) return wrong_type(node, type);
  switch (type) {
    case SettingType::choice:
      return check_choice(node, setting);
    case SettingType::host_port:
      return parse_host_port(node.text) ? accept(node, node.text) : wrong_type(node, type);
    case SettingType::url: {
      if (parse_url(node.text)) return accept(node, node.text);
      ConfigNode masked = node;  // a broken URL may still hold a password
      masked.text = without_password(node.text);
      return wrong_type(masked, type);
    }
    case SettingType::address_range:
      return parse_address_range(node.text) ? accept(node, node.text) : wrong_type(node, type);
    case SettingType::path:
      if (node.text.empty() || has_control_character(node.text)) return wrong_type(node, type);
      return accept(node, beside_its_file(node));
    default:
      return accept(node, node.text);
  }
}

ValueCheck check_string(const ConfigNode& node, const Setting& setting) {
  ValueCheck result = check_text(node, setting, SettingType::string);
  if (!result.data) return result;
  const auto length = static_cast<std::int64_t>(node.text.size());
  return within_bounds(node, setting, length, &Bound::integer, "the length " + std::to_string(length), node.text);
}

ValueCheck check_list(const ConfigNode& node, const Setting& setting) {
  if (node.kind != ConfigNode::Kind::list) return wrong_type(node, SettingType::list);
  std::vector<std::string> items;
  for (const ConfigNode& item : node.items) {
    ValueCheck checked = check_text(item, setting, setting.item);
    if (!checked.data) return checked;
    items.push_back(std::get<std::string>(std::move(*checked.data)));
  }
  const auto length = static_cast<std::int64_t>(items.size());
  return within_bounds(node, setting, length, &Bound::integer, "the length " + std::to_string(length), std::move(items));
}

ValueCheck check_number(const ConfigNode& node, const Setting& setting) {
  const bool integer = node.kind == ConfigNode::Kind::integer;
  if (!integer && node.kind != ConfigNode::Kind::number) return wrong_type(node, SettingType::number);
  const double number = integer ? static_cast<double>(node.integer) : node.number;
  if (!std::isfinite(number)) return wrong_type(node, SettingType::number);
  return within_bounds(node, setting, number, &Bound::number, shown(node), number);
}

ValueCheck check_duration(const ConfigNode& node, const Setting& setting) {
  const auto duration = node.kind == ConfigNode::Kind::string ? parse_duration(node.text) : std::nullopt;
  if (!duration) return wrong_type(node, SettingType::duration);
  return within_bounds(node, setting, std::int64_t{duration->count()}, &Bound::integer, shown(node), *duration);
}

ValueCheck check_bytes(const ConfigNode& node, const Setting& setting) {
  const auto bytes = node.kind == ConfigNode::Kind::string ? parse_bytes(node.text) : std::nullopt;
  if (!bytes) return wrong_type(node, SettingType::bytes);
  return within_bounds(node, setting, *bytes, &Bound::integer, shown(node), *bytes);
}

ValueCheck check_secret(const ConfigNode& node, const std::string& key) {
  Checked<SecretReference> reference = read_secret_reference(node, key);
  if (reference.value) return accept(node, std::move(*reference.value));
  return {std::nullopt, reference.findings.front().origin, reference.findings.front().message};
}

ValueCheck check_secrets(const ConfigNode& node, const Setting& setting, const std::string& key) {
  if (node.kind != ConfigNode::Kind::list) return wrong_type(node, SettingType::list);
  std::vector<SecretReference> references;
  for (const ConfigNode& item : node.items) {
    ValueCheck checked = check_secret(item, key);
    if (!checked.data) return checked;
    references.push_back(std::get<SecretReference>(std::move(*checked.data)));
  }
  const auto length = static_cast<std::int64_t>(references.size());
  return within_bounds(node, setting, length, &Bound::integer, "the length " + std::to_string(length), std::move(references));
}

}  // namespace

ValueCheck check_value(const ConfigNode& node, const Setting& setting, const std::string& key) {
  if (setting.secret) return setting.type == SettingType::list ? check_secrets(node, setting, key) : check_secret(node, key);
  switch (setting.type) {
    case SettingType::boolean:
      return node.kind == ConfigNode::Kind::boolean ? accept(node, node.boolean) : wrong_type(node, setting.type);
    case SettingType::integer:
      if (node.kind != ConfigNode::Kind::integer) return wrong_type(node, setting.type);
      return within_bounds(node, setting, node.integer, &Bound::integer, shown(node), node.integer);
    case SettingType::number:
      return check_number(node, setting);
    case SettingType::duration:
      return check_duration(node, setting);
    case SettingType::bytes:
      return check_bytes(node, setting);
    case SettingType::string:
      return check_string(node, setting);
    case SettingType::list:
      return check_list(node, setting);
    default:
      return check_text(node, setting, setting.type);
  }
}

std::optional<Bound> read_bound(const ConfigNode& node, const Setting& setting) {
  Setting unbounded = setting;
  unbounded.minimum.reset();
  unbounded.maximum.reset();
  unbounded.secret = false;
  const bool length = setting.type == SettingType::string || setting.type == SettingType::list;
  if (length) unbounded.type = SettingType::integer;
  const bool ordered = length || setting.type == SettingType::integer || setting.type == SettingType::number ||
                       setting.type == SettingType::duration || setting.type == SettingType::bytes;
  if (!ordered) return std::nullopt;
  const ValueCheck checked = check_value(node, unbounded, "");
  if (!checked.data) return std::nullopt;
  Bound bound;
  bound.text = node.to_toml();
  if (const auto* integer = std::get_if<std::int64_t>(&*checked.data)) bound.integer = *integer;
  if (const auto* number = std::get_if<double>(&*checked.data)) bound.number = *number;
  if (const auto* duration = std::get_if<std::chrono::milliseconds>(&*checked.data)) bound.integer = duration->count();
  return bound;
}

}  // namespace driftstack::kernel
