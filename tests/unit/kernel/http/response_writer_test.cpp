#include "kernel/http/response_writer.hpp"

#include <catch2/catch.hpp>

using namespace driftstack::kernel;

namespace {

std::string head(int status, std::string body, AnswerFraming framing = AnswerFraming::length, KeepAlive keep = KeepAlive::yes) {
  Exchange exchange;
  exchange.head = "x: y\r\n";
  exchange.response.status = status;
  exchange.response.body = std::move(body);
  std::string out = "what was there before";
  write_head(out, exchange, "date: D\r\n", framing, keep);
  return out;
}

}  // namespace

TEST_CASE("an answer's head holds status, the pipeline's lines, date and framing") {
  CHECK(head(200, "body") == "HTTP/1.1 200 OK\r\nx: y\r\ndate: D\r\ncontent-length: 4\r\n\r\n");
  CHECK(head(200, "") == "HTTP/1.1 200 OK\r\nx: y\r\ndate: D\r\ncontent-length: 0\r\n\r\n");
  CHECK(head(404, "x", AnswerFraming::length, KeepAlive::no) ==
        "HTTP/1.1 404 Not Found\r\nx: y\r\ndate: D\r\ncontent-length: 1\r\nconnection: close\r\n\r\n");
  CHECK(head(299, "x") == "HTTP/1.1 299 \r\nx: y\r\ndate: D\r\ncontent-length: 1\r\n\r\n");
  CHECK(head(200, "", AnswerFraming::chunked, KeepAlive::no) ==
        "HTTP/1.1 200 OK\r\nx: y\r\ndate: D\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
  CHECK(head(200, "", AnswerFraming::until_close, KeepAlive::no) == "HTTP/1.1 200 OK\r\nx: y\r\ndate: D\r\nconnection: close\r\n\r\n");
}

TEST_CASE("statuses without a body carry no length") {
  CHECK(head(204, "") == "HTTP/1.1 204 No Content\r\nx: y\r\ndate: D\r\n\r\n");
  CHECK(head(304, "dropped") == "HTTP/1.1 304 Not Modified\r\nx: y\r\ndate: D\r\n\r\n");
}

TEST_CASE("the date has the one form of RFC 9110 and follows the second") {
  DateLine date;
  CHECK(date.at(784111777) == "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(date.at(784111777) == "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(date.at(784111778) == "date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}
