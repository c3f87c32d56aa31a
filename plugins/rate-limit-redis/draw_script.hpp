#pragma once
// One draw on one bucket, decided inside of Redis in one step.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "driftstack/support/token_bucket.hpp"

namespace driftstack::rate_limit_redis {

/// Appends one command in the form that Redis reads (RESP: an array of bulk strings).
void append_command(std::string& out, std::initializer_list<std::string_view> words);

/// What a draw asks for.
struct DrawCommand {
  std::string key;
  rate_limit::Limit limit;
  std::int64_t cost = 1;
};

/// The script keeps a level in units of which a token has 60,000,000, so that a bucket gains `per_minute` of them in a microsecond: whole
/// numbers that a Lua number holds exactly (`kMostTokens` of them are 6 * 10^14, below 2^53).
inline constexpr std::int64_t kScriptUnitsPerToken = 60'000'000;

/// The script by its text and its digest. Time is Redis's own, so servers with different clocks agree. [any-thread]
class DrawScript {
 public:
  DrawScript();
  const std::string& digest() const noexcept { return digest_; }

  void append_load(std::string& out) const;
  /// By digest: what every draw sends.
  void append_draw(std::string& out, const DrawCommand& draw) const;
  /// With the text, for a Redis that does not know the script; it does afterwards.
  void append_draw_with_text(std::string& out, const DrawCommand& draw) const;

 private:
  void append(std::string& out, std::string_view how, std::string_view script, const DrawCommand& draw) const;
  std::string digest_;
};

}  // namespace driftstack::rate_limit_redis
