#include <catch2/catch.hpp>

#include "driftstack/support/markup.hpp"

using namespace driftstack;

TEST_CASE("text in markup ends neither its element nor its attribute") {
  CHECK(markup_escaped("<a href=\"x\" title='y'>&amp;") == "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
  CHECK(markup_escaped("plain \xC3\xA4") == "plain \xC3\xA4");
  std::string out = "<p>";
  append_markup(out, "1 < 2");
  CHECK(out == "<p>1 &lt; 2");
}
