#include <catch2/catch.hpp>

#include <sstream>
#include <type_traits>

#include "driftstack/support/secret_text.hpp"

using driftstack::SecretText;

namespace {

template <class T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};
template <class T>
concept Printable = requires(std::ostream& out, const T& a) {
  out << a;
};

}  // namespace

// Compared, copied or printed by accident: none of it compiles.
static_assert(!Comparable<SecretText> && !Printable<SecretText> && !std::is_copy_constructible_v<SecretText>);
static_assert(Comparable<std::string> && Printable<std::string>);

TEST_CASE("a secret is equal to the same text only") {
  const SecretText secret("correct horse");
  CHECK(secret.equals("correct horse"));
  CHECK(secret.equals(secret.clone()));
  CHECK_FALSE(secret.equals("correct horsf"));
  CHECK_FALSE(secret.equals("xorrect horse"));
  CHECK_FALSE(secret.equals("correct hors"));
  CHECK_FALSE(secret.equals(""));
  CHECK(SecretText().equals(""));
}

TEST_CASE("moving a secret leaves nothing behind") {
  SecretText first("secret");
  const char* const memory = first.reveal().data();
  SecretText second(std::move(first));
  CHECK(second.reveal() == "secret");
  CHECK(second.reveal().data() == memory);  // the block changed hands, no copy was made
  CHECK(first.empty());                     // NOLINT(bugprone-use-after-move): this is what is tested
  first = std::move(second);
  CHECK(first.reveal() == "secret");
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("taking a secret out of a string wipes the string's memory") {
  std::string text = "a text that is long enough for memory of its own";
  const char* const memory = text.data();
  const SecretText secret = SecretText::take(text);
  CHECK(secret.size() == 48);
  CHECK(text.empty());
  CHECK(std::string_view(memory + 1, 47) == std::string(47, '\0'));
}

TEST_CASE("wiping overwrites every byte and accepts nothing") {
  std::string text = "secret";
  driftstack::wipe(text.data(), text.size());
  CHECK(text == std::string(6, '\0'));
  driftstack::wipe(nullptr, 0);
}
