#pragma once
// Reads the messages that internet_message() writes, as far as the tests of mailers need.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/base64.hpp"
#include "driftstack/support/hex.hpp"

namespace driftstack::message_reader {

/// What stands between two texts; the second is looked for behind the first.
inline std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto begin = text.find(before);
  REQUIRE(begin != std::string::npos);
  const auto end = text.find(after, begin + before.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + before.size(), end - begin - before.size());
}

inline std::string header(const std::string& message, const std::string& name) {
  std::string value = between("\r\n" + message, "\r\n" + name + ": ", "\r\n");
  std::string rest = between("\r\n" + message + "\r\n", "\r\n" + name + ": " + value, "\r\n\r\n");
  while (rest.starts_with("\r\n ")) {  // folded lines belong to it
    rest.erase(0, 2);
    const auto end = std::min(rest.find("\r\n"), rest.size());
    value += rest.substr(0, end);
    rest.erase(0, end);
  }
  return value;
}

inline std::string decode_words(std::string value) {
  if (!value.starts_with("=?UTF-8?B?")) return value;
  std::string decoded;
  while (value.starts_with("=?UTF-8?B?") || value.starts_with(" =?UTF-8?B?")) {
    decoded += *base64_decode(between(value, "=?UTF-8?B?", "?="));
    value.erase(0, value.find("?=", value.find("?B?") + 3) + 2);
  }
  return decoded + value;
}

inline std::string decode_quoted_printable(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    if (text[i] != '=') {
      decoded += text[i];
    } else if (text.compare(i + 1, 2, "\r\n") == 0) {
      i += 2;
    } else {
      decoded += *hex_decode(text.substr(i + 1, 2));
      i += 2;
    }
  }
  return decoded;
}

inline mail::Message parse(const std::string& bytes) {
  mail::Message message;
  message.id = between(header(bytes, "Message-ID"), "<", "@");
  message.template_name = header(bytes, "X-Driftstack-Template");
  message.to = header(bytes, "To");
  message.subject = decode_words(header(bytes, "Subject"));
  const std::string end = "--=_" + message.id;
  const auto part = [&](const std::string& type) {
    const std::string head = "Content-Type: " + type + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    return decode_quoted_printable(between(bytes, head, end));
  };
  message.text = part("text/plain");
  message.html = part("text/html");
  return message;
}

}  // namespace driftstack::message_reader
