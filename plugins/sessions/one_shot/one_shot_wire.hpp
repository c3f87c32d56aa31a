#pragma once
// Bodies of the one-shot routes: a navigation and the options of its capture in one.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire.hpp"

namespace driftstack::sessions::body {

/// POST /v1/screenshot.
struct PictureOf {
  TargetUrl url;
  browser::WaitUntil wait_until = browser::WaitUntil::load;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  bool full_page = false;
  std::optional<browser::ImageFormat> format;
  std::optional<std::int32_t> quality;
  std::optional<std::string> selector;
  std::optional<double> device_scale_factor;
  bool store = false;

  friend void check(const PictureOf& picture, wire::Issues& issues) { Capture::check_picture(picture, issues); }

  static constexpr auto shape = wire::object(
      wire::field<&PictureOf::url>("url"), wire::field<&PictureOf::wait_until>("wait_until", wire::defaulted),
      wire::field<&PictureOf::timeout_ms>("timeout_ms", wire::defaulted, wire::min(1000), wire::max(120'000), wire::doc("For the load.")),
      wire::field<&PictureOf::full_page>("full_page", wire::defaulted, wire::doc("Whole page, not just the viewport.")),
      wire::field<&PictureOf::format>("format", wire::doc("png (default) or jpeg.")),
      wire::field<&PictureOf::quality>("quality", wire::min(1), wire::max(100), wire::doc("1 to 100, 80 by default; jpeg only.")),
      wire::field<&PictureOf::selector>("selector", wire::min_length(1), wire::doc("Only this element, brought into view.")),
      wire::field<&PictureOf::device_scale_factor>("device_scale_factor", wire::min(1), wire::max(3),
                                                   wire::doc("Device pixels per CSS pixel; that of the archetype by default.")),
      wire::field<&PictureOf::store>("store", wire::defaulted, wire::doc("Keep it as an artefact instead of answering it.")));
};

/// POST /v1/pdf and /v1/markdown.
struct DocumentOf {
  TargetUrl url;
  browser::WaitUntil wait_until = browser::WaitUntil::load;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  bool store = false;
  static constexpr auto shape = wire::object(
      wire::field<&DocumentOf::url>("url"), wire::field<&DocumentOf::wait_until>("wait_until", wire::defaulted),
      wire::field<&DocumentOf::timeout_ms>("timeout_ms", wire::defaulted, wire::min(1000), wire::max(120'000), wire::doc("For the load.")),
      wire::field<&DocumentOf::store>("store", wire::defaulted, wire::doc("Keep it as an artefact instead of answering it.")));
};

/// POST /v1/content.
struct ContentOf {
  TargetUrl url;
  browser::WaitUntil wait_until = browser::WaitUntil::load;
  std::int64_t timeout_ms = kDefaultTimeoutMs;
  std::optional<browser::FrameMatch> frame_match;
  bool store = false;
  static constexpr auto shape = wire::object(
      wire::field<&ContentOf::url>("url"), wire::field<&ContentOf::wait_until>("wait_until", wire::defaulted),
      wire::field<&ContentOf::timeout_ms>("timeout_ms", wire::defaulted, wire::min(1000), wire::max(120'000), wire::doc("For the load.")),
      wire::field<&ContentOf::frame_match>("frame_match",
                                           wire::doc("The one frame to read; absent: the top document. Not exactly one that fits: 409.")),
      wire::field<&ContentOf::store>("store", wire::defaulted, wire::doc("Keep it as an artefact instead of answering it.")));
};

/// POST /v1/links takes a Navigate.
struct Links {
  std::vector<browser::Link> links;
  std::int64_t duration_ms = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Links::links>("links", wire::doc("In the order of the document.")),
                   wire::field<&Links::duration_ms>("duration_ms", wire::doc("From the browser's start to the answer.")));
};

}  // namespace driftstack::sessions::body
