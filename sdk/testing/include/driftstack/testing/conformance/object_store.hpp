#pragma once
// Conformance suite of object.store/1.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "driftstack/roles/object_store.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// What a GET of a URL answered.
struct Fetched {
  int status = 0;
  std::string content_type, disposition, body;
};

/// An object store, empty at first.
struct ObjectStoreSubject {
  explicit ObjectStoreSubject(Subject<objects::Store> subject) : subject(std::move(subject)) {}
  Subject<objects::Store> subject;
  /// Reads a presigned URL as a stranger would; needed where the store can presign.
  std::function<Fetched(const std::string& url)> fetch;
};

using MakeObjectStoreSubject = std::function<ObjectStoreSubject()>;

namespace detail {

inline Result<objects::Info> put(ObjectStoreSubject& of, std::string key, std::string bytes, std::string type = "text/plain") {
  const auto call = of.subject.host.call();
  objects::Put message;
  message.key = std::move(key);
  message.content_type = std::move(type);
  message.bytes.data = std::move(bytes);
  return run(of.subject.host, of.subject.role.put(*call, std::move(message)));
}

inline Result<objects::Got> get(ObjectStoreSubject& of, std::string key, std::int64_t offset = 0, std::optional<std::int64_t> length = {}) {
  const auto call = of.subject.host.call();
  objects::Get message;
  message.key = std::move(key);
  message.offset = offset;
  message.length = length;
  return run(of.subject.host, of.subject.role.get(*call, std::move(message)));
}

inline Result<objects::Info> head(ObjectStoreSubject& of, std::string key) {
  const auto call = of.subject.host.call();
  objects::Head message;
  message.key = std::move(key);
  return run(of.subject.host, of.subject.role.head(*call, std::move(message)));
}

inline Result<> remove(ObjectStoreSubject& of, std::string key) {
  const auto call = of.subject.host.call();
  objects::Remove message;
  message.key = std::move(key);
  return run(of.subject.host, of.subject.role.remove(*call, std::move(message)));
}

inline Result<objects::Listing> list(ObjectStoreSubject& of, std::string prefix, std::optional<std::string> after = {},
                                     std::int32_t limit = objects::kMaxListed) {
  const auto call = of.subject.host.call();
  objects::List message;
  message.prefix = std::move(prefix);
  message.after = std::move(after);
  message.limit = limit;
  return run(of.subject.host, of.subject.role.list(*call, std::move(message)));
}

inline Result<objects::Presigned> presign(ObjectStoreSubject& of, std::string key, std::optional<std::string> file_name = {}) {
  const auto call = of.subject.host.call();
  objects::Presign message;
  message.key = std::move(key);
  message.seconds = 60;
  message.file_name = std::move(file_name);
  return run(of.subject.host, of.subject.role.presign(*call, std::move(message)));
}

inline std::vector<std::string> keys_of(const Result<objects::Listing>& listing) {
  REQUIRE(listing);
  std::vector<std::string> keys;
  for (const auto& object : listing->objects) keys.push_back(object.key);
  return keys;
}

/// Every byte value, longer than any buffer on the way.
inline std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);  // Numerical Recipes
  return bytes;
}

template <class T>
Errc code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

inline void object_store_presigns(ObjectStoreSubject& of) {
  if (!of.subject.role.can_presign()) {
    CHECK(code_of(presign(of, "box/a")) == Errc::feature_unavailable);
    return;
  }
  REQUIRE(of.fetch);
  REQUIRE(put(of, "box/a", "for everybody", "image/png"));
  const auto presigned = presign(of, "box/a", "picture.png");
  REQUIRE(presigned);
  const Fetched whole = of.fetch(presigned->url);
  CHECK(whole.status == 200);
  CHECK(whole.body == "for everybody");
  CHECK(whole.content_type == "image/png");
  CHECK(whole.disposition == "attachment; filename=\"picture.png\"");
  std::string changed = presigned->url;
  const auto at = changed.find("box/a");
  REQUIRE(at != std::string::npos);
  changed[at + 4] = 'b';
  CHECK(of.fetch(changed).status >= 400);
  CHECK(of.fetch(presigned->url.substr(0, presigned->url.find('?'))).status >= 400);
  CHECK(code_of(presign(of, "box/a", "../x")) == Errc::misuse);
}

}  // namespace detail

inline void object_store(const MakeObjectStoreSubject& make) {
  using namespace detail;  // the verbs above
  auto of = make();

  SECTION("what was put is got, with its type, size and digest") {
    const auto kept = put(of, "box/greeting.txt", "abc", "text/plain; charset=utf-8");
    REQUIRE(kept);
    // FIPS 180-2, appendix B.1
    CHECK(kept->sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(kept->byte_size == 3);
    const auto got = get(of, "box/greeting.txt");
    REQUIRE(got);
    CHECK(got->bytes.data == "abc");
    CHECK(got->info.key == "box/greeting.txt");
    CHECK(got->info.content_type == "text/plain; charset=utf-8");
    CHECK(got->info.sha256 == kept->sha256);
    CHECK(got->info.byte_size == 3);
  }
  SECTION("bytes of every value and no bytes at all come back as they were") {
    const std::string bytes = noise(300'000);
    REQUIRE(put(of, "box/noise", bytes));
    REQUIRE(put(of, "box/nothing", ""));
    CHECK(get(of, "box/noise")->bytes.data == bytes);
    const auto nothing = get(of, "box/nothing");
    REQUIRE(nothing);
    CHECK(nothing->bytes.data.empty());
    CHECK(nothing->info.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }
  SECTION("an object that travels in several pieces is one object") {
    const std::string bytes = noise((std::size_t{20} << 20) + 7);
    const auto kept = put(of, "box/big", bytes, "application/pdf");
    REQUIRE(kept);
    CHECK(kept->byte_size == static_cast<std::int64_t>(bytes.size()));
    const auto got = get(of, "box/big");
    REQUIRE(got);
    CHECK((got->bytes.data == bytes));  // not printed when it fails
    CHECK(got->info.sha256 == kept->sha256);
    CHECK(head(of, "box/big")->content_type == "application/pdf");
  }
  SECTION("a second put replaces the object whole") {
    REQUIRE(put(of, "box/a", "the first, longer text", "text/plain"));
    REQUIRE(put(of, "box/a", "second", "image/png"));
    const auto got = get(of, "box/a");
    REQUIRE(got);
    CHECK(got->bytes.data == "second");
    CHECK(got->info.content_type == "image/png");
    CHECK(keys_of(list(of, "")) == std::vector<std::string>{"box/a"});
  }
  SECTION("a range is that part, and nothing behind the end") {
    REQUIRE(put(of, "box/a", "0123456789"));
    CHECK(get(of, "box/a", 2, 3)->bytes.data == "234");
    CHECK(get(of, "box/a", 7)->bytes.data == "789");
    CHECK(get(of, "box/a", 8, 100)->bytes.data == "89");
    const auto behind = get(of, "box/a", 10, 1);
    REQUIRE(behind);
    CHECK(behind->bytes.data.empty());
    CHECK(behind->info.byte_size == 10);
  }
  SECTION("head tells all but the bytes") {
    REQUIRE(put(of, "box/a", "abc", "image/jpeg"));
    const auto info = head(of, "box/a");
    REQUIRE(info);
    CHECK(info->key == "box/a");
    CHECK(info->byte_size == 3);
    CHECK(info->content_type == "image/jpeg");
    CHECK(info->sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  SECTION("what is not there is not found") {
    REQUIRE(put(of, "box/a", "abc"));
    for (const char* key : {"box/b", "box", "box/a/b", "other"}) {
      INFO(key);
      CHECK(code_of(get(of, key)) == Errc::not_found);
      CHECK(code_of(head(of, key)) == Errc::not_found);
    }
  }
  SECTION("what was removed is gone, and removing twice is no error") {
    REQUIRE(put(of, "box/a", "abc"));
    REQUIRE(put(of, "box/b", "abc"));
    REQUIRE(remove(of, "box/a"));
    CHECK(code_of(get(of, "box/a")) == Errc::not_found);
    CHECK(remove(of, "box/a"));
    CHECK(remove(of, "never/there"));
    CHECK(keys_of(list(of, "")) == std::vector<std::string>{"box/b"});
  }
  SECTION("a list is sorted by key, begins with the prefix and is bounded") {
    for (const char* key : {"b/2", "a/x/1", "b-1", "a/b", "b/1", "b/10", "c"}) REQUIRE(put(of, key, "abc"));
    CHECK(keys_of(list(of, "")) == std::vector<std::string>{"a/b", "a/x/1", "b-1", "b/1", "b/10", "b/2", "c"});
    CHECK(keys_of(list(of, "b/")) == std::vector<std::string>{"b/1", "b/10", "b/2"});
    CHECK(keys_of(list(of, "b/1")) == std::vector<std::string>{"b/1", "b/10"});
    CHECK(keys_of(list(of, "nothing")).empty());
    CHECK(keys_of(list(of, "b/1/")).empty());
    const auto first = list(of, "", {}, 3);
    CHECK(keys_of(first) == std::vector<std::string>{"a/b", "a/x/1", "b-1"});
    CHECK(first->has_more);
    CHECK(first->objects[0].byte_size == 3);
    const auto second = list(of, "", "b-1", 4);
    CHECK(keys_of(second) == std::vector<std::string>{"b/1", "b/10", "b/2", "c"});
    CHECK_FALSE(second->has_more);
    CHECK(keys_of(list(of, "b/", "a/x/1", 1)) == std::vector<std::string>{"b/1"});
    CHECK(keys_of(list(of, "b/", "c")).empty());
  }
  SECTION("a key, prefix, type or bound that is none is misuse") {
    for (const char* key : {"", "/a", "a/", "a//b", "..", "../a", "a/../b", ".a", "a/.b", "A", "a b", "a%2fb", "a\\b", "\xc3\xa4"}) {
      INFO(key);
      CHECK(code_of(put(of, key, "abc")) == Errc::misuse);
      CHECK(code_of(get(of, key)) == Errc::misuse);
      CHECK(code_of(head(of, key)) == Errc::misuse);
      CHECK(code_of(remove(of, key)) == Errc::misuse);
    }
    CHECK(code_of(put(of, std::string(objects::kMaxKeyBytes + 1, 'a'), "abc")) == Errc::misuse);
    CHECK(code_of(put(of, "a", "abc", "")) == Errc::misuse);
    CHECK(code_of(put(of, "a", "abc", "text/plain\r\nX: y")) == Errc::misuse);
    CHECK(code_of(get(of, "a", -1)) == Errc::misuse);
    CHECK(code_of(get(of, "a", 0, 0)) == Errc::misuse);
    CHECK(code_of(list(of, "", {}, 0)) == Errc::misuse);
    CHECK(code_of(list(of, "", {}, objects::kMaxListed + 1)) == Errc::misuse);
    CHECK(code_of(list(of, "/")) == Errc::misuse);
    CHECK(keys_of(list(of, "")).empty());
  }
  SECTION("a key as long as a key may be is one") {
    const std::string key = std::string(200, 'a') + "/" + std::string(200, 'b') + "/" + std::string(110, 'c');
    REQUIRE(key.size() == objects::kMaxKeyBytes);
    REQUIRE(put(of, key, "abc"));
    CHECK(get(of, key)->bytes.data == "abc");
  }
  SECTION("puts of one key at the same time leave one of them, whole") {
    constexpr std::size_t kWriters = 8;
    std::vector<std::unique_ptr<Call>> calls;
    std::atomic<std::size_t> kept{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kWriters; ++i) calls.push_back(of.subject.host.call());
    for (std::size_t i = 0; i < kWriters; ++i) {
      threads.emplace_back([&, i] {
        objects::Put message;
        message.key = "box/one";
        message.content_type = "text/plain";
        message.bytes.data = std::string(50'000, static_cast<char>('a' + i));
        if (run(of.subject.host, of.subject.role.put(*calls[i], std::move(message)))) ++kept;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(kept == kWriters);
    const auto got = get(of, "box/one");
    REQUIRE(got);
    CHECK(got->bytes.data == std::string(50'000, got->bytes.data.front()));
    CHECK(keys_of(list(of, "")) == std::vector<std::string>{"box/one"});
  }
  SECTION("a presigned URL reads that object under its name, and no other") { object_store_presigns(of); }
}

}  // namespace driftstack::testing::conformance
