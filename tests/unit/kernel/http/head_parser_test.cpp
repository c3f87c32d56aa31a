#include "kernel/http/head_parser.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace driftstack::kernel;

namespace {

struct Row {
  const char* what;
  std::string text;
};

std::string request(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }

// The verdict on a text that arrives byte by byte must be the verdict on the whole text.
HeadState judge(const std::string& text, HeadParser& parser) {
  HeadParser whole{HeadLimits()};
  const HeadState expected = whole.parse(text);
  HeadState state = HeadState::incomplete;
  for (std::size_t size = 1; size <= text.size() && state == HeadState::incomplete; ++size)
    state = parser.parse(std::string_view(text).substr(0, size));
  REQUIRE(state == expected);
  return state;
}

}  // namespace

TEST_CASE("heads that two readers could understand differently are refused") {
  using namespace std::string_literals;
  const Row rows[] = {
      {"length and chunked", request("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked and length", request("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"length zero and chunked", request("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
      {"two lengths", request("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"two equal lengths", request("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"list of lengths", request("Content-Length: 5, 5\r\n")},
      {"signed length", request("Content-Length: +5\r\n")},
      {"negative length", request("Content-Length: -5\r\n")},
      {"hexadecimal length", request("Content-Length: 0x5\r\n")},
      {"fraction", request("Content-Length: 5.0\r\n")},
      {"leading zero", request("Content-Length: 05\r\n")},
      {"empty length", request("Content-Length:\r\n")},
      {"blank inside", request("Content-Length: 5 5\r\n")},
      {"length over 63 bits", request("Content-Length: 9223372036854775808\r\n")},
      {"length over 64 bits", request("Content-Length: 18446744073709551621\r\n")},
      {"two transfer encodings", request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"list of encodings", request("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked twice", request("Transfer-Encoding: chunked, chunked\r\n")},
      {"identity", request("Transfer-Encoding: identity\r\n")},
      {"chunked with a parameter", request("Transfer-Encoding: chunked;q=1\r\n")},
      {"quoted chunked", request("Transfer-Encoding: \"chunked\"\r\n")},
      {"chunked with a vertical tab", request("Transfer-Encoding: \vchunked\r\n")},
      {"empty encoding", request("Transfer-Encoding:\r\n")},
      {"blank before colon", request("Content-Length : 5\r\n")},
      {"tab before colon", request("Content-Length\t: 5\r\n")},
      {"folded line", request("X: a\r\n b\r\n")},
      {"folded with tab", request("X: a\r\n\tb\r\n")},
      {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"no colon", request("X\r\n")},
      {"empty name", request(": x\r\n")},
      {"name with a bracket", request("X[1]: x\r\n")},
      {"name beyond ASCII", request("X\xC3\xA4: x\r\n")},
      {"name with NUL", request("X\0Y: x\r\n"s)},
      {"value with NUL", request("X: a\0b\r\n"s)},
      {"value with CR", request("X: a\rb\r\n")},
      {"value with CR before CR LF", request("X: a\r\r\n")},
      {"value with DEL", request("X: a\x7F\r\n")},
      {"value with escape", request("X: \x1B[31m\r\n")},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n"},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"bare LF in the middle", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", request("Host: b\r\n")},
      {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"host with user info", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {"host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {"host with a comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
      {"version 2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
      {"version 0.9", "GET /\r\n\r\n"},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n"},
      {"blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"method with a bracket", "G{T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"long method", std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"absolute target", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"authority target", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"asterisk target", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"target with NUL", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s},
      {"target beyond ASCII", "GET /\xC3\xA4 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"TLS hello", "\x16\x03\x01\x02\n"},
      {"expectation", request("Expect: 200-ok\r\n")},
      {"connection option with a blank", request("Connection: keep alive\r\n")},
      {"quoted connection option", request("Connection: \"close\"\r\n")},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"too many headers", request([] {
         std::string lines;
         for (int i = 0; i < 100; ++i) lines += "X: y\r\n";
         return lines;
       }())},
      {"long line", request("X: " + std::string(8 * 1024, 'y') + "\r\n")},
      {"long target", "GET /" + std::string(8 * 1024, 'y') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"large head", request([] {
         std::string lines;
         for (int i = 0; i < 5; ++i) lines += "X: " + std::string(7 * 1024, 'y') + "\r\n";
         return lines;
       }())},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    HeadParser parser{HeadLimits()};
    REQUIRE(judge(row.text, parser) == HeadState::bad);
    CHECK_FALSE(parser.problem().empty());
  }
}

TEST_CASE("heads next to the refused ones are accepted") {
  const Row rows[] = {
      {"plain", request("")},
      {"length", request("Content-Length: 5\r\n")},
      {"length in another case, with blanks around", request("CONTENT-length: \t 5 \t\r\n")},
      {"length zero", request("Content-Length: 0\r\n")},
      {"largest length", request("Content-Length: 999999999999999999\r\n")},
      {"chunked", request("Transfer-Encoding: Chunked\r\n")},
      {"no blank behind the colon", request("X:a\r\n")},
      {"empty value", request("X:\r\n")},
      {"colon in the value", request("X: a:b\r\n")},
      {"obs-text", request("X: \xC3\xA4\xFF\r\n")},
      {"tab in the value", request("X: a\tb\r\n")},
      {"host with a port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n"},
      {"IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"},
      {"unknown method", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n"},
      {"expectation", request("Expect: 100-Continue\r\n")},
      {"connection options with empty ones", request("Connection: ,keep-alive, ,TE\r\n")},
      {"most headers", request([] {
         std::string lines;
         for (int i = 0; i < 99; ++i) lines += "X: y\r\n";
         return lines;
       }())},
      {"longest line", request("X: " + std::string(8 * 1024 - 4, 'y') + "\r\n")},
  };
  for (const Row& row : rows) {
    HeadParser parser{HeadLimits()};
    const HeadState state = judge(row.text, parser);
    INFO(row.what << ": " << parser.problem());
    REQUIRE(state == HeadState::complete);
    CHECK(parser.size() == row.text.size());
    CHECK(parser.problem().empty());
  }
}

TEST_CASE("a head is taken apart") {
  const std::string text =
      "POST /v1/sessions?x=1 HTTP/1.1\r\nHost: api.example\r\nConnection: foo , Close\r\nContent-Length: 12\r\nExpect: "
      "100-continue\r\n\r\n{rest of it}";
  HeadParser parser{HeadLimits()};
  REQUIRE(parser.parse(text) == HeadState::complete);
  const RequestHead& head = parser.head();
  CHECK(head.method == "POST");
  CHECK(head.target == "/v1/sessions?x=1");
  CHECK(head.host == "api.example");
  CHECK(head.framing == Framing::length);
  CHECK(head.content_length == 12);
  CHECK(head.expects_continue);
  CHECK_FALSE(head.keep_alive);
  CHECK(text.substr(parser.size()) == "{rest of it}");
  REQUIRE(head.headers.size() == 4);
  CHECK(head.headers[1].name == "Connection");
  CHECK(head.headers[1].value == "foo , Close");
}

TEST_CASE("a parser forgets the head before") {
  HeadParser parser{HeadLimits()};
  REQUIRE(parser.parse("POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n\r\n") == HeadState::complete);
  parser.reset();
  REQUIRE(parser.parse(request("Transfer-Encoding: chunked\r\n")) == HeadState::complete);
  CHECK(parser.head().framing == Framing::chunked);
  CHECK(parser.head().keep_alive);
  CHECK(parser.head().content_length == 0);
  CHECK(parser.head().headers.size() == 2);
  parser.reset();
  REQUIRE(parser.parse("GET / HTTP/1.1\r\n\r\n") == HeadState::bad);
  parser.reset();
  CHECK(parser.problem().empty());
  CHECK(parser.parse(request("")) == HeadState::complete);
}

TEST_CASE("limits are refused before the rest of the head arrives") {
  HeadParser parser{HeadLimits()};
  CHECK(parser.parse("GET /" + std::string(9000, 'a')) == HeadState::bad);
}
