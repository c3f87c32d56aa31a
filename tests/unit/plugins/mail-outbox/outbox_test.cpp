#include "outbox.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driftstack/testing/conformance/mailer.hpp"
#include "tests/unit/plugins/message_reader.hpp"

namespace driftstack::mail_outbox {
namespace {

namespace fs = std::filesystem;
using namespace driftstack::testing;
using conformance::detail::sample_mail;
using conformance::detail::send;
using message_reader::decode_words;
using message_reader::header;
using message_reader::parse;

struct World {
  explicit World(const char* from = "Driftstack <no-reply@example.com>") : outbox(host, *MailSender::from_text(from)) {
    REQUIRE(outbox.open(folder.path()));
  }
  FakeHost host;
  TemporaryDirectory folder;
  Outbox outbox;

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

conformance::MailerSubject subject(const std::shared_ptr<World>& world) {
  conformance::MailerSubject of(conformance::Subject<mail::Mailer>(world, world->host, world->outbox));
  of.received = [world] {
    std::vector<mail::Message> mails;
    for (const auto& file : world->files()) mails.push_back(parse(content(file)));
    return mails;
  };
  return of;
}

TEST_CASE("mail-outbox keeps the contract of mail.transport/1") {
  conformance::mailer([] { return subject(std::make_shared<World>()); });
}

TEST_CASE("a mail is one private file, named by its time and id") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  const auto attempt = send(of, sample_mail());
  REQUIRE(attempt);
  CHECK(attempt->reference == "20261125T145631Z-3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11.eml");
  REQUIRE(world->files().size() == 1);
  CHECK(world->files()[0].filename() == attempt->reference);
  struct stat status {};
  REQUIRE(::stat(world->files()[0].c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a file is a message of RFC 5322 in lines of at most 78 characters") {
  const auto world = std::make_shared<World>("Söhne & Co. \"Drift\" <no-reply@example.com>");
  auto of = subject(world);
  mail::Message message = sample_mail();
  message.subject = std::string(120, 's');
  message.text = std::string(500, 'a') + std::string(200, ' ') + "\n";
  REQUIRE(send(of, message));
  const std::string bytes = content(world->files().at(0));
  CHECK(header(bytes, "Date") == "Wed, 25 Nov 2026 14:56:31 +0000");
  CHECK(decode_words(header(bytes, "From")) == "Söhne & Co. \"Drift\" <no-reply@example.com>");
  CHECK(header(bytes, "Message-ID") == "<3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11@example.com>");
  CHECK(header(bytes, "Auto-Submitted") == "auto-generated");
  for (std::size_t begin = 0; begin < bytes.size();) {
    const auto end = bytes.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    CHECK(end - begin <= 78);
    CHECK(bytes.substr(begin, end - begin).find('\n') == std::string::npos);
    begin = end + 2;
  }
}

TEST_CASE("a sender is an address, or a name and an address") {
  struct Row {
    const char* text;
    const char* written;  ///< null: refused
  };
  for (const Row& row : {Row{"no-reply@example.com", "no-reply@example.com"}, Row{" Drift <a@example.com> ", "\"Drift\" <a@example.com>"},
                         Row{"<a@example.com>", "a@example.com"}, Row{"A \"b\" \\ <a@example.com>", "\"A \\\"b\\\" \\\\\" <a@example.com>"},
                         Row{"Drift <a@example.com", nullptr}, Row{"Drift\r\nBcc: x <a@example.com>", nullptr},
                         Row{"Drift <a@localhost>", nullptr}, Row{"", nullptr}}) {
    CAPTURE(row.text);
    const auto sender = MailSender::from_text(row.text);
    CHECK(sender.has_value() == (row.written != nullptr));
    if (sender) CHECK(header(internet_message(sample_mail(), *sender), "From") == row.written);
  }
}

TEST_CASE("a folder that cannot be written to is an attempt to repeat, and leaves nothing half-done") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  fs::create_directory(fs::path(world->folder.path()) / ".20261125T145631Z-3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11.eml");  // in the way
  const auto attempt = send(of, sample_mail());
  REQUIRE(attempt);
  CHECK(attempt->outcome == mail::Outcome::transport);
  CHECK(mail::may_try_again(attempt->outcome));
  CHECK(attempt->detail.find("ada@") == std::string::npos);
  CHECK_FALSE(fs::exists(fs::path(world->folder.path()) / "20261125T145631Z-3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11.eml"));
}

}  // namespace
}  // namespace driftstack::mail_outbox
