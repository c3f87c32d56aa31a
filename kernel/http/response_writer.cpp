#include "kernel/http/response_writer.hpp"

#include <charconv>
#include <cstring>

namespace driftstack::kernel {
namespace {

// Reasons of the statuses that the server or a plugin answers (RFC 9110 section 15); any other has an empty one, which is allowed.
struct StatusLine {
  int status;
  std::string_view line;
};
constexpr StatusLine kStatusLines[] = {
    {101, "HTTP/1.1 101 Switching Protocols\r\n"},
    {200, "HTTP/1.1 200 OK\r\n"},
    {201, "HTTP/1.1 201 Created\r\n"},
    {202, "HTTP/1.1 202 Accepted\r\n"},
    {204, "HTTP/1.1 204 No Content\r\n"},
    {302, "HTTP/1.1 302 Found\r\n"},
    {303, "HTTP/1.1 303 See Other\r\n"},
    {304, "HTTP/1.1 304 Not Modified\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {402, "HTTP/1.1 402 Payment Required\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {409, "HTTP/1.1 409 Conflict\r\n"},
    {410, "HTTP/1.1 410 Gone\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {422, "HTTP/1.1 422 Unprocessable Content\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {502, "HTTP/1.1 502 Bad Gateway\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
    {504, "HTTP/1.1 504 Gateway Timeout\r\n"},
};

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void append_status_line(std::string& out, int status) {
  for (const auto& known : kStatusLines) {
    if (known.status != status) continue;
    out.append(known.line);
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status >= 100 && status <= 999 ? status : 500));
  out.append(" \r\n");
}

}  // namespace

std::string_view DateLine::at(std::time_t now) noexcept {
  if (now != second_) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    // Names of days and months are those of the C locale, which is the process's own: nothing calls setlocale.
    size_ = std::strftime(text_.data(), text_.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    second_ = now;
  }
  return {text_.data(), size_};
}

void write_head(std::string& out, const Exchange& exchange, std::string_view date, AnswerFraming framing, KeepAlive keep) {
  const int status = exchange.response.status;
  out.clear();
  append_status_line(out, status);
  out.append(exchange.head);
  out.append(date);
  if (framing == AnswerFraming::chunked) {
    out.append("transfer-encoding: chunked\r\n");
  } else if (framing == AnswerFraming::length && !never_has_body(status)) {
    out.append("content-length: ");
    append_number(out, exchange.response.body.size());
    out.append("\r\n");
  }
  if (framing == AnswerFraming::upgrade)
    out.append("connection: Upgrade\r\n");
  else if (keep == KeepAlive::no)
    out.append("connection: close\r\n");
  out.append("\r\n");
}

}  // namespace driftstack::kernel
