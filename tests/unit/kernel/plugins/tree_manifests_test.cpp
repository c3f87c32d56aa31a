#include <catch2/catch.hpp>
#include <filesystem>

#include "kernel/config/document.hpp"
#include "kernel/plugins/manifest.hpp"

using namespace driftstack::kernel;

TEST_CASE("every manifest of this tree reads without findings, names its folder and this SDK") {
  const std::filesystem::path tree = DRIFTSTACK_SOURCE_DIR;
  std::size_t seen = 0;
  for (const auto& folder : std::filesystem::directory_iterator(tree / "plugins")) {
    const std::filesystem::path file = folder.path() / "plugin.toml";
    if (!std::filesystem::exists(file)) continue;
    CAPTURE(file);
    ++seen;
    const auto manifest = parse_manifest(*read_config_file(file).value, file.string());
    for (const Finding& finding : manifest.findings) UNSCOPED_INFO(finding.line());
    REQUIRE(manifest.ok());
    CHECK(manifest.value->id == folder.path().filename());
    CHECK(manifest.value->sdk_major == driftstack::kSdkMajor);
    CHECK(manifest.value->sdk_minor == driftstack::kSdkMinor);
  }
  CHECK(seen > 0);
}
