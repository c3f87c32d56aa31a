#include "draw_script.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "driftstack/support/hex.hpp"

namespace driftstack::rate_limit_redis {
namespace {

// platform.md 5.1. A bucket that is full again needs no place: its key expires at that moment. A denied draw writes nothing. A clock that
// went back (another Redis took over) takes nothing away.
constexpr std::string_view kScript = R"lua(
local units = 60000000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, rate, cost = ARGV[1] * units, tonumber(ARGV[2]), ARGV[3] * units
local level = full
local held = redis.call('GET', KEYS[1])
if held then
  local then_level, at = string.match(held, '^(%d+) (%d+)$')
  if at then
    at = tonumber(at)
    level = math.min(full, then_level + math.max(0, now - at) * rate)
    now = math.max(now, at)
  end
end
if level < cost then return {0, level} end
level = level - cost
local until_full = math.max(1, math.ceil((full - level) / rate / 1000))
redis.call('SET', KEYS[1], string.format('%.0f %.0f', level, now), 'PX', string.format('%.0f', until_full))
return {1, level}
)lua";

/// A number as text, without an allocation.
class Digits {
 public:
  explicit Digits(std::int64_t value) noexcept : end_(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr) {}
  operator std::string_view() const noexcept {  // NOLINT(google-explicit-constructor)
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 20> text_;
  char* end_;
};

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) throw std::runtime_error("no SHA-1");
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

}  // namespace

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  out.append("*").append(Digits(static_cast<std::int64_t>(words.size()))).append("\r\n");
  for (const std::string_view word : words)
    out.append("$").append(Digits(static_cast<std::int64_t>(word.size()))).append("\r\n").append(word).append("\r\n");
}

DrawScript::DrawScript() : digest_(sha1_hex(kScript)) {}

void DrawScript::append_load(std::string& out) const { append_command(out, {"SCRIPT", "LOAD", kScript}); }

void DrawScript::append_draw(std::string& out, const DrawCommand& draw) const { append(out, "EVALSHA", digest_, draw); }

void DrawScript::append_draw_with_text(std::string& out, const DrawCommand& draw) const { append(out, "EVAL", kScript, draw); }

void DrawScript::append(std::string& out, std::string_view how, std::string_view script, const DrawCommand& draw) const {
  append_command(out, {how, script, "1", draw.key, Digits(draw.limit.capacity), Digits(draw.limit.per_minute), Digits(draw.cost)});
}

}  // namespace driftstack::rate_limit_redis
