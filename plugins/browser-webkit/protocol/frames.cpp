#include "frames.hpp"

namespace driftstack::browser_webkit::protocol {

std::optional<std::string> encode_frame(std::string_view body) {
  if (body.size() > kMaxFrameBytes) return std::nullopt;
  const auto size = static_cast<std::uint32_t>(body.size());
  std::string frame;
  frame.reserve(kLengthBytes + body.size());
  for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>((size >> shift) & 0xff));
  frame.append(body);
  return frame;
}

FrameReader::State FrameReader::next(std::string& body) {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < kLengthBytes) return State::incomplete;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) size = (size << 8) | static_cast<unsigned char>(rest[i]);
  if (size > kMaxFrameBytes) return State::broken;
  if (rest.size() < kLengthBytes + size) return State::incomplete;
  body.assign(rest.substr(kLengthBytes, size));
  begin_ += kLengthBytes + size;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
  return State::ready;
}

}  // namespace driftstack::browser_webkit::protocol
