// The interpreter's publishing half: tables in, JSON Schema text (OpenAPI 3.1) out.

#include "driftstack/support/wire.hpp"

#include "wire_value.hpp"

namespace driftstack::wire::detail {
namespace {

constexpr Rules kNoRules{};

// Writes the members of one JSON object with their commas.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  std::string& key(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }

 private:
  std::string& out_;
  bool is_first_ = true;
};

struct SchemaOf {
  const Type& type;
  const Rules& rules = kNoRules;
  const Rules& items = kNoRules;
  const Rules& keys = kNoRules;
  const Field* field = nullptr;  // the member it is published for: adds nullability, doc and default
  const void* fresh = nullptr;   // a default-made member
  std::string_view tag_key{};    // set for an alternative of a choice
  std::string_view tag{};
};

void append_schema(std::string& out, const SchemaOf& what);

bool is_nullable(const SchemaOf& what) noexcept { return what.field != nullptr && what.field->nullable; }

void append_type(Members& members, const SchemaOf& what, std::string_view name) {
  if (is_nullable(what)) {
    members.key("type") += "[\"" + std::string(name) + "\",\"null\"]";
  } else {
    members.text("type", name);
  }
}

void append_bounds(Members& members, const Rules& rules, std::string_view low, std::string_view high) {
  if (rules.has_low()) members.number(low, rules.low);
  if (rules.has_high()) members.number(high, rules.high);
}

void append_integer(Members& members, const SchemaOf& what) {
  append_type(members, what, "integer");
  const bool is_signed = what.type.is_signed;
  const bool fits_int32 = what.type.width < sizeof(std::int32_t) || (what.type.width == sizeof(std::int32_t) && is_signed);
  members.text("format", fits_int32 ? "int32" : "int64");
  // The format implies the bounds of int32_t and int64_t; those of other widths are spelled out.
  const bool is_whole_format = is_signed && what.type.width >= sizeof(std::int32_t);
  const IntegerRange range = range_of(what.type, what.rules);
  if (what.rules.has_low() || !is_whole_format) members.key("minimum") += range.low_text(is_signed);
  if (what.rules.has_high() || !is_whole_format) members.key("maximum") += range.high_text(is_signed);
}

void append_real(Members& members, const SchemaOf& what) {
  append_type(members, what, "number");
  if (what.rules.least > kNoRules.least) append_number(members.key("minimum"), what.rules.least);
  if (what.rules.most < kNoRules.most) append_number(members.key("maximum"), what.rules.most);
}

void append_text(Members& members, const SchemaOf& what) {
  append_type(members, what, "string");
  if (what.type.kind == Kind::bytes) {
    members.text("contentEncoding", "base64");
    return;  // the bounds count bytes, JSON Schema has no word for that
  }
  if (!what.type.format.empty()) members.text("format", what.type.format);
  append_bounds(members, what.rules, "minLength", "maxLength");
  if (what.rules.pattern != nullptr) members.text("pattern", what.rules.pattern->source);
  if (!what.type.source.empty()) members.text("pattern", what.type.source);
}

void append_enumeration(Members& members, const SchemaOf& what) {
  append_type(members, what, "string");
  std::string& out = members.key("enum");
  out += '[';
  bool is_first = true;
  for (const EnumName& name : what.type.names) {
    if (!is_first) out += ',';
    is_first = false;
    append_json_string(out, name.text);
  }
  if (is_nullable(what)) out += ",null";
  out += ']';
}

void append_list(Members& members, const SchemaOf& what) {
  append_type(members, what, "array");
  append_bounds(members, what.rules, "minItems", "maxItems");
  if (what.rules.unique) members.key("uniqueItems") += "true";
  append_schema(members.key("items"), SchemaOf{.type = *what.type.inner, .rules = what.items});
}

void append_map(Members& members, const SchemaOf& what) {
  append_type(members, what, "object");
  append_bounds(members, what.rules, "minProperties", "maxProperties");
  const bool has_key_rules = what.keys.has_low() || what.keys.has_high() || what.keys.pattern != nullptr;
  if (has_key_rules) {
    Members names(members.key("propertyNames"));
    append_bounds(names, what.keys, "minLength", "maxLength");
    if (what.keys.pattern != nullptr) names.text("pattern", what.keys.pattern->source);
  }
  append_schema(members.key("additionalProperties"), SchemaOf{.type = *what.type.inner, .rules = what.items});
}

void append_choice(Members& members, const SchemaOf& what) {
  std::string& out = members.key("oneOf");
  out += '[';
  bool is_first = true;
  for (const Alternative& alternative : what.type.alternatives) {
    if (!is_first) out += ',';
    is_first = false;
    append_schema(out, SchemaOf{.type = *alternative.type, .tag_key = what.type.tag_key, .tag = alternative.tag});
  }
  if (is_nullable(what)) out += ",{\"type\":\"null\"}";
  out += ']';
}

void append_properties(std::string& out, const SchemaOf& what, const void* fresh) {
  Members properties(out);
  if (!what.tag_key.empty()) {
    Members tag(properties.key(what.tag_key));
    tag.text("type", "string");
    tag.text("const", what.tag);
  }
  for (const Field& field : what.type.fields) {
    append_schema(properties.key(field.name), SchemaOf{.type = *field.type,
                                                       .rules = field.rules,
                                                       .items = field.item_rules,
                                                       .keys = field.key_rules,
                                                       .field = &field,
                                                       .fresh = field.at(const_cast<void*>(fresh))});  // only read
  }
}

void append_required(Members& members, const SchemaOf& what) {
  std::string names;
  const auto add = [&](std::string_view name) {
    if (!names.empty()) names += ',';
    append_json_string(names, name);
  };
  if (!what.tag_key.empty()) add(what.tag_key);
  for (const Field& field : what.type.fields) {
    if (!field.may_be_absent) add(field.name);
  }
  if (!names.empty()) members.key("required") += '[' + names + ']';
}

void append_object(Members& members, const SchemaOf& what) {
  append_type(members, what, "object");
  if (!what.type.doc.empty() && (what.field == nullptr || what.field->doc.empty())) members.text("description", what.type.doc);
  struct Context {
    const SchemaOf& what;
    std::string& out;
  } context{what, members.key("properties")};
  what.type.show_default(&context, [](void* opaque, const void* fresh) {
    const auto& c = *static_cast<const Context*>(opaque);
    append_properties(c.out, c.what, fresh);
  });
  append_required(members, what);
  if (what.type.strict) members.key("additionalProperties") += "false";
}

void append_member_words(Members& members, const SchemaOf& what) {
  if (what.field == nullptr) return;
  if (!what.field->doc.empty()) members.text("description", what.field->doc);
  if (what.field->secret) members.key("writeOnly") += "true";
  if (what.field->has_default && !what.field->secret) write(*what.field->type, what.fresh, members.key("default"));
}

void append_schema(std::string& out, const SchemaOf& what) {
  if (what.type.kind == Kind::optional) {
    append_schema(out, SchemaOf{.type = *what.type.inner,
                                .rules = what.rules,
                                .items = what.items,
                                .keys = what.keys,
                                .field = what.field,
                                .fresh = what.fresh});
    return;
  }
  Members members(out);
  switch (what.type.kind) {
    case Kind::boolean:
      append_type(members, what, "boolean");
      break;
    case Kind::integer:
      append_integer(members, what);
      break;
    case Kind::real:
      append_real(members, what);
      break;
    case Kind::enumeration:
      append_enumeration(members, what);
      break;
    case Kind::list:
      append_list(members, what);
      break;
    case Kind::map:
      append_map(members, what);
      break;
    case Kind::object:
      append_object(members, what);
      break;
    case Kind::choice:
      append_choice(members, what);
      break;
    case Kind::json:
      if (what.rules.json_object) append_type(members, what, "object");
      break;
    default:
      append_text(members, what);
      break;
  }
  append_member_words(members, what);
}

}  // namespace

std::string schema(const Type& type) {
  std::string out;
  append_schema(out, SchemaOf{.type = type});
  return out;
}

}  // namespace driftstack::wire::detail
