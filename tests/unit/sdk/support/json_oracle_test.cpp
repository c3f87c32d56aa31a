// The scanner against Boost.JSON on mutated documents: where both accept they must decode the same, and they may disagree only in the ways
// that are listed here.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "driftstack/support/json.hpp"

namespace {

using driftstack::wire::Json;
using driftstack::wire::JsonKind;
using driftstack::wire::JsonView;

constexpr std::uint32_t kSeed = 20'260'509;
constexpr int kInputs = 200'000;

// Bytes that make a mutation interesting.
constexpr std::string_view kAlphabet =
    "{}[]\",:\\/bfnrtu0123456789+-.eEdDaAfF \n\t\x01\x1f\x7f\x80\xBF\xC0\xC3\xA4\xE2\x82\xED\xA0\xF0\x9F\xF4\x90\xFF";

constexpr std::array<std::string_view, 9> kSeeds = {
    R"({"archetype":"desktop_chrome","label":"käse","metadata":{"a":[1,2.5,-3e2,null,true]}})",
    R"({"action":{"kind":"type","selector":"#q","text":"a\u0062\n\"\\","delay_ms":20}})",
    R"([{"name":"price","selector":".p"},{"name":"x","extract":{"href":{"type":"attribute"}}}])",
    R"(["\ud83d\ude00","\u00e4\u20ac","😀",""])",
    R"([0,-0,1.0,1e10,-1.5E-3,123456789012345678,0.1,1e308,5e-324])",
    R"({"a":{"a":{"a":{"a":[[[[]]]]}}}})",
    R"({"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13})",
    R"(  [ true , false , null , { } , [ ] , "x" ]  )",
    R"("just a string with \"escapes\" \u0041")",
};

std::string mutated(std::mt19937& random) {
  std::string text(kSeeds[random() % kSeeds.size()]);
  const int changes = static_cast<int>(random() % 4);
  for (int i = 0; i < changes; ++i) {
    const std::size_t at = random() % (text.size() + 1);
    const char c = kAlphabet[random() % kAlphabet.size()];
    switch (random() % 5) {
      case 0:
        text.insert(at, 1, c);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        text.replace(at, 1, 1, c);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 12));
        break;
      default:
        text.resize(at);
        break;
    }
    if (text.empty()) text = " ";
  }
  return text;
}

bool same(const boost::json::value& theirs, JsonView ours);

bool same_object(const boost::json::object& theirs, JsonView ours) {
  const auto members = ours.members();
  if (members.size() != theirs.size()) return false;
  for (const auto& member : members) {
    const boost::json::value* const value = theirs.if_contains(member.key);
    if (value == nullptr || !same(*value, member.value)) return false;
  }
  return true;
}

bool same_array(const boost::json::array& theirs, JsonView ours) {
  const auto elements = ours.elements();
  if (elements.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (!same(theirs[i], elements[i])) return false;
  }
  return true;
}

// Boost.JSON 1.81 does not round the last digits of a double exactly.
bool close_enough(double a, double b) { return a == b || std::abs(a - b) <= 1e-14 * std::abs(b) || std::abs(a - b) < 1e-307; }

bool same(const boost::json::value& theirs, JsonView ours) {
  switch (theirs.kind()) {
    case boost::json::kind::null:
      return ours.is_null();
    case boost::json::kind::bool_:
      return ours.as_bool() == theirs.get_bool();
    case boost::json::kind::int64:
      return ours.as_int() == theirs.get_int64();
    case boost::json::kind::uint64:
      return ours.kind() == JsonKind::number && ours.text() == std::to_string(theirs.get_uint64());
    case boost::json::kind::double_:
      return ours.kind() == JsonKind::number && close_enough(*ours.as_double(), theirs.get_double());
    case boost::json::kind::string:
      return ours.as_text() == std::string_view(theirs.get_string());
    case boost::json::kind::array:
      return same_array(theirs.get_array(), ours);
    case boost::json::kind::object:
      return same_object(theirs.get_object(), ours);
  }
  return false;
}

// Reasons of ours to refuse what Boost.JSON takes, found independently of our scanner.
struct Found {
  bool duplicate_key = false;
  bool nul = false;
  bool infinite = false;
  [[nodiscard]] bool any() const { return duplicate_key || nul || infinite; }
};

class Events {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Found found;

  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;
  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return keys_.emplace_back(), true; }
  bool on_object_end(std::size_t, error_code&) { return keys_.pop_back(), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(string_view part, std::size_t, error_code&) { return text_.append(part.data(), part.size()), true; }
  bool on_key(string_view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    for (const std::string& key : keys_.back()) found.duplicate_key = found.duplicate_key || key == text_;
    keys_.back().push_back(text_);
    return end_text();
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return text_.append(part.data(), part.size()), true; }
  bool on_string(string_view part, std::size_t, error_code&) { return text_.append(part.data(), part.size()), end_text(); }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return true; }
  bool on_double(double number, string_view, error_code&) {
    found.infinite = found.infinite || std::abs(number) > 1.7e308;
    return true;
  }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool end_text() {
    found.nul = found.nul || text_.find('\0') != std::string::npos;
    text_.clear();
    return true;
  }
  std::vector<std::vector<std::string>> keys_;
  std::string text_;
};

boost::json::parse_options options() {
  boost::json::parse_options all;
  all.max_depth = driftstack::wire::kMaxJsonDepth;
  return all;
}

Found reasons(const std::string& text) {
  boost::json::basic_parser<Events> parser(options());
  boost::json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().found;
}

bool has_long_number(const std::string& text) {
  std::size_t run = 0;
  for (const char c : text) {
    run = std::string_view("0123456789+-.eE").find(c) == std::string_view::npos ? 0 : run + 1;
    if (run > driftstack::wire::kMaxJsonNumberLength) return true;
  }
  return false;
}

// An exponent so large that Boost.JSON refuses it even for zero or for a number that rounds to zero.
bool has_huge_exponent(const std::string& text) {
  for (std::size_t e = text.find_first_of("eE"); e != std::string::npos; e = text.find_first_of("eE", e + 1)) {
    const std::size_t digits = text.find_first_not_of("+-", e + 1);
    if (digits == std::string::npos) continue;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", digits), text.size());
    if (end - digits >= 3) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the scanner and Boost.JSON agree on mutated documents, but for the differences we want") {
  std::mt19937 random(kSeed);
  int accepted = 0, refused_by_rule = 0;
  for (int i = 0; i < kInputs; ++i) {
    const std::string text = mutated(random);
    boost::json::error_code error;
    const boost::json::value theirs = boost::json::parse(text, error, {}, options());
    const auto ours = Json::parse(text);
    if (error) {
      if (ours && !has_huge_exponent(text)) FAIL("accepted what Boost.JSON refuses: " << text);
      continue;
    }
    const Found found = reasons(text);
    if (found.any()) {
      if (ours) FAIL("accepted a duplicate key, U+0000 or an infinite number: " << text);
      ++refused_by_rule;
      continue;
    }
    if (!ours) {
      if (!has_long_number(text)) FAIL("refused without a reason: " << text);
      continue;
    }
    if (!same(theirs, ours->view())) FAIL("decoded differently: " << text);
    ++accepted;
  }
  // The mutations must reach all three branches, else the comparison proves nothing.
  CHECK(accepted > kInputs / 10);
  CHECK(refused_by_rule > 20);
  CHECK(accepted + refused_by_rule < kInputs * 9 / 10);
}
