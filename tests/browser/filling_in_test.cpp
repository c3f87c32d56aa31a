// search and login: which fields are found, and what counts as success.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

browser::Search query(std::string text, bool submit = true) {
  browser::Search message;
  message.query = std::move(text);
  message.submit = submit;
  message.timeout_ms = 2000;
  return message;
}

browser::Login credentials(std::int64_t timeout_ms = 3000) {
  browser::Login message;
  message.username = "ada";
  message.password = "p\u00e4ss \u65e5\u672c";
  message.timeout_ms = timeout_ms;
  return message;
}

// Shows in #log what each field holds, after every key.
constexpr const char* kMirror = R"(<pre id=log></pre><script>
addEventListener('input', e => { log.textContent = [...document.querySelectorAll('input,textarea')].map(i => i.id + '=' + i.value).join(' '); }, true);
document.querySelectorAll('form').forEach(f => f.onsubmit = () => false);
</script>)";

TEST_CASE("a search types into the field that looks most like one", "[browser]") {
  struct Row {
    const char *html, *log;
  };
  const Row rows[] = {
      {"<input id=a><input id=b type=search>", "a= b=tea"},
      {"<input id=a><input id=b role=searchbox>", "a= b=tea"},
      {"<input id=a name=mail><form role=search><input id=b></form>", "a= b=tea"},
      {"<input id=a><input id=b name=q>", "a= b=tea"},
      {"<input id=a><input id=b placeholder='Search products'>", "a= b=tea"},
      {"<input id=a type=search style='display:none'><input id=b type=search disabled><input id=c name=query>", "a= b= c=tea"},
      {"<input id=a value=old>", "a=tea"},
      {"<input id=a type=password><textarea id=b></textarea>", "a= b=tea"},
  };
  PageServer server;
  Browser browser(allowing(server));
  for (const Row& row : rows) {
    INFO(row.html);
    server.page("/", std::string(row.html) + kMirror);
    browser.open(server.url("/"));
    const auto done = browser.search(query("tea", false));
    REQUIRE(done);
    CHECK_FALSE(done->query_truncated);
    CHECK(browser.text("#log") == row.log);
  }
}

TEST_CASE("a search field that comes late is waited for, and one in a shadow root is found", "[browser]") {
  PageServer server;
  server.page("/",
              "<div id=host></div><p id=n></p><script>setTimeout(() => {const root = host.attachShadow({mode: 'open'});"
              "root.innerHTML = '<input type=search>'; root.firstChild.onchange = e => n.textContent = e.target.value}, 300)</script>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  REQUIRE(browser.search(query("tea")));
  CHECK(browser.text("#n") == "tea");
}

TEST_CASE("a login types into the fields for a known user's name and password", "[browser]") {
  struct Row {
    const char *html, *log;
  };
  const Row rows[] = {
      {"<input id=a><input id=b type=password>", "a=ada b=päss 日本"},
      {"<form><input id=a name=q></form><form><input id=b><input id=c type=password></form>", "a= b=ada c=päss 日本"},
      {"<form><input id=a type=email><input id=b name=coupon><input id=c type=password></form>", "a=ada b= c=päss 日本"},
      {"<form><input id=a><input id=b autocomplete=username><input id=c type=password></form>", "a= b=ada c=päss 日本"},
      {"<form><input id=a><input id=b type=password autocomplete=new-password></form>"
       "<form><input id=c><input id=d type=password autocomplete=current-password></form>",
       "a= b= c=ada d=päss 日本"},
      {"<input id=a type=password>", "a=päss 日本"},
  };
  PageServer server;
  Browser browser(allowing(server));
  for (const Row& row : rows) {
    INFO(row.html);
    server.page("/", std::string(row.html) + kMirror);
    browser.open(server.url("/"));
    const auto done = browser.login(credentials(100));
    REQUIRE(done);
    CHECK(done->submitted);
    CHECK_FALSE(done->logged_in);
    CHECK(browser.text("#log") == row.log);
  }
}

TEST_CASE("a login over two pages gives the name first", "[browser]") {
  PageServer server;
  server.page("/", "<form action=/second><input name=login></form>");
  server.page("/second", "<form action=/home><input type=password name=p></form>");
  server.page("/home", "<h1>home</h1>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const auto done = browser.login(credentials());
  REQUIRE(done);
  CHECK(done->logged_in);
  REQUIRE(done->post_login_url);
  CHECK(done->post_login_url->starts_with(server.url("/home")));
}

TEST_CASE("an application that takes the form away without loading a page counts as success; an error page does not", "[browser]") {
  PageServer server;
  server.page("/",
              "<form onsubmit=\"setTimeout(() => document.body.innerHTML = '<h1>in</h1>', 200); return false\"><input><input "
              "type=password><button>in</button></form>");
  server.page("/refused", [](const PageRequest&) {
    PageAnswer answer("<h1>no</h1>");
    answer.status = 401;
    return answer;
  });
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  CHECK(browser.login(credentials())->logged_in);
  server.page("/", "<form action=/refused><input><input type=password><button>in</button></form>");
  browser.open(server.url("/"));
  const auto refused = browser.login(credentials());
  REQUIRE(refused);
  CHECK_FALSE(refused->logged_in);
  CHECK(refused->post_login_url->starts_with(server.url("/refused")));
}

}  // namespace
}  // namespace driftstack::browser_test
