#include <catch2/catch.hpp>
#include <filesystem>

#include "kernel/config/document.hpp"
#include "kernel/plugins/manifest.hpp"

using namespace driftstack::kernel;

namespace {

std::string page() {
  const auto text = read_config_file(std::filesystem::path(DRIFTSTACK_SOURCE_DIR) / "sdk/MANIFEST.md");
  REQUIRE(text.ok());
  return *text.value;
}

}  // namespace

TEST_CASE("the page about manifests names every type of settings and every key of a manifest") {
  const std::string text = page();
  for (const std::string& type : type_names()) {
    CAPTURE(type);
    CHECK(text.find("`" + type + "`") != std::string::npos);
  }
  for (const Setting& key : manifest_schema()) {
    CAPTURE(key.name);
    const bool example = text.find("\n" + key.name + " = ") != std::string::npos || text.find("\n[" + key.name) != std::string::npos;
    CHECK((example || text.find("`" + key.name + "`") != std::string::npos));
  }
}

TEST_CASE("the example on the page about manifests is a manifest") {
  const std::string text = page();
  const std::size_t start = text.find("```toml\n") + 8;
  const auto manifest = parse_manifest(text.substr(start, text.find("```", start) - start), "MANIFEST.md");
  for (const Finding& finding : manifest.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(manifest.ok());
  CHECK(manifest.value->processor.has_value());
}
