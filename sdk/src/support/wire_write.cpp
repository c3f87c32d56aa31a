// The interpreter's writing half: values and tables in, compact JSON out.

#include <charconv>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/wire.hpp"

#include "json_tape.hpp"
#include "wire_value.hpp"

namespace driftstack::wire::detail {
namespace {

constexpr std::size_t kIntegerText = 24;  // 20 digits and a sign fit

// Puts a comma unless the object was just opened. No value ends with a brace that opens.
void separate(std::string& out) {
  if (out.back() != '{') out += ',';
}

void write_members(const Type& type, const void* object, std::string& out) {
  for (const Field& field : type.fields) {
    if (field.secret) continue;
    const void* const value = field.at(const_cast<void*>(object));  // only the address is computed, nothing is changed
    if (field.omitted_when_empty && field.type->get(value, 0) == nullptr) continue;
    separate(out);
    out += '"';
    out += field.name;  // checked while compiling: needs no escape
    out += "\":";
    write(*field.type, value, out);
  }
  out += '}';
}

void write_integer(const Type& type, const void* value, std::string& out) {
  const std::uint64_t bits = load_integer(type, value);
  char text[kIntegerText];
  const auto result = type.is_signed ? std::to_chars(text, text + kIntegerText, static_cast<std::int64_t>(bits))
                                     : std::to_chars(text, text + kIntegerText, bits);
  out.append(text, result.ptr);
}

void write_list(const Type& type, const void* value, std::string& out) {
  out += '[';
  const std::size_t size = type.size(value);
  for (std::size_t i = 0; i < size; ++i) {
    if (i != 0) out += ',';
    write(*type.inner, type.get(value, i), out);
  }
  out += ']';
}

void write_map(const Type& type, const void* value, std::string& out) {
  struct Context {
    const Type& type;
    std::string& out;
  } context{*type.inner, out};
  out += '{';
  type.each(value, &context, [](void* opaque, std::string_view key, const void* item) {
    auto& c = *static_cast<Context*>(opaque);
    separate(c.out);
    append_json_string(c.out, key);
    c.out += ':';
    write(c.type, item, c.out);
  });
  out += '}';
}

void write_text(const Type& type, const void* value, std::string& out) {
  // Ids and times need no escape: print in place, and only rewrite what does.
  out += '"';
  const std::size_t start = out.size();
  type.print(value, out);
  if (is_plain_json_text(std::string_view(out).substr(start))) {
    out += '"';
    return;
  }
  const std::string text = out.substr(start);
  out.resize(start - 1);
  append_json_string(out, text);
}

void write_choice(const Type& type, const void* value, std::string& out) {
  for (const Alternative& alternative : type.alternatives) {
    const void* const held = alternative.get(value);
    if (held == nullptr) continue;
    out += "{\"";
    out += type.tag_key;
    out += "\":";
    append_json_string(out, alternative.tag);
    write_members(*alternative.type, held, out);
    return;
  }
  out += "null";  // a variant that lost its value to an exception
}

}  // namespace

void write(const Type& type, const void* value, std::string& out) {
  switch (type.kind) {
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::integer:
      return write_integer(type, value, out);
    case Kind::real:
      return append_number(out, *static_cast<const double*>(value));
    case Kind::string:
      return append_json_string(out, *static_cast<const std::string*>(value));
    case Kind::enumeration:
      return append_json_string(out, enum_text(type.names, static_cast<std::int64_t>(load_integer(type, value))));
    case Kind::text:
      return write_text(type, value, out);
    case Kind::bytes:
      out += '"';
      append_base64(out, static_cast<const Bytes*>(value)->data);
      out += '"';
      return;
    case Kind::json:
      out += static_cast<const Json*>(value)->text();
      return;
    case Kind::optional: {
      const void* const held = type.get(value, 0);
      if (held == nullptr) {
        out += "null";
        return;
      }
      return write(*type.inner, held, out);
    }
    case Kind::list:
      return write_list(type, value, out);
    case Kind::map:
      return write_map(type, value, out);
    case Kind::object:
      out += '{';
      return write_members(type, value, out);
    case Kind::choice:
      return write_choice(type, value, out);
  }
}

}  // namespace driftstack::wire::detail
