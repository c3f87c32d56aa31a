#include "device_names.hpp"

#include <array>

namespace driftstack::identity {
namespace {

struct Mark {
  std::string_view text;
  std::string_view name;
};

// The first mark that is found decides: browsers claim to be others that came before them.
constexpr std::array<Mark, 10> kSystems = {{{"iPhone", "iOS"},
                                            {"iPad", "iOS"},
                                            {"iPod", "iOS"},
                                            {"Android", "Android"},
                                            {"CrOS", "ChromeOS"},
                                            {"Windows", "Windows"},
                                            {"Macintosh", "macOS"},
                                            {"Mac OS X", "macOS"},
                                            {"Linux", "Linux"},
                                            {"X11", "Linux"}}};
constexpr std::array<Mark, 11> kBrowsers = {{{"Edg/", "Edge"},
                                             {"EdgA/", "Edge"},
                                             {"EdgiOS/", "Edge"},
                                             {"OPR/", "Opera"},
                                             {"Opera", "Opera"},
                                             {"FxiOS/", "Firefox"},
                                             {"Firefox/", "Firefox"},
                                             {"CriOS/", "Chrome"},
                                             {"Chrome/", "Chrome"},
                                             {"Chromium/", "Chrome"},
                                             {"Safari/", "Safari"}}};

template <std::size_t N>
std::string_view first_of(const std::array<Mark, N>& marks, std::string_view user_agent) noexcept {
  for (const Mark& mark : marks) {
    if (user_agent.find(mark.text) != std::string_view::npos) return mark.name;
  }
  return "Unknown";
}

}  // namespace

std::string_view os_name(std::string_view user_agent) noexcept { return first_of(kSystems, user_agent); }
std::string_view browser_name(std::string_view user_agent) noexcept { return first_of(kBrowsers, user_agent); }

}  // namespace driftstack::identity
