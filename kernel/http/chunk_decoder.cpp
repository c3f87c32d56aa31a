#include "kernel/http/chunk_decoder.hpp"

#include <algorithm>

namespace driftstack::kernel {

ChunkDecoder::State ChunkDecoder::expect(char c, char wanted, Step next) noexcept {
  if (c != wanted) return State::bad;
  step_ = next;
  return State::more;
}

ChunkDecoder::State ChunkDecoder::take_size(char c) noexcept {
  if (c == '\r') {
    if (digits_ == 0) return State::bad;
    step_ = Step::size_lf;
    return State::more;
  }
  const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  if (digit < 0 || ++digits_ > kMostDigits) return State::bad;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return State::more;
}

ChunkDecoder::State ChunkDecoder::feed(std::string_view& input, std::string& out) {
  while (!input.empty()) {
    if (step_ == Step::content) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      out.append(input.substr(0, size));
      input.remove_prefix(size);
      left_ -= size;
      if (left_ == 0) step_ = Step::content_cr;
      continue;
    }
    const char c = input.front();
    input.remove_prefix(1);
    State state = State::more;
    switch (step_) {
      case Step::size:
        state = take_size(c);
        break;
      case Step::size_lf:
        state = expect(c, '\n', left_ == 0 ? Step::end_cr : Step::content);
        digits_ = 0;
        if (state == State::more && left_ > limit_ - total_) return State::too_large;
        total_ += left_;
        break;
      case Step::content_cr:
        state = expect(c, '\r', Step::content_lf);
        break;
      case Step::content_lf:
        state = expect(c, '\n', Step::size);
        break;
      case Step::end_cr:
        state = expect(c, '\r', Step::end_lf);
        break;
      case Step::end_lf:
        return c == '\n' ? State::done : State::bad;
      case Step::content:
        break;  // handled above
    }
    if (state != State::more) return state;
  }
  return State::more;
}

}  // namespace driftstack::kernel
