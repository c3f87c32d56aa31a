#include "kernel/cli/welcome_page.hpp"

#include "driftstack/problem.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Welcome to Driftstack</title>
<style>
:root{color-scheme:light}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:linear-gradient(135deg,#0f2027,#2c5364);font:18px/1.6 "DejaVu Sans",sans-serif;color:#10202a}
main{background:#fff;border-radius:18px;padding:3rem 3.5rem;max-width:36rem;box-shadow:0 20px 60px #0006}
h1{margin:0 0 .5rem;font-size:2.2rem}
form{display:flex;gap:.6rem;margin-top:1.5rem}
input,button{font:inherit;padding:.6rem .9rem;border-radius:10px;border:1px solid #9ab}
input{flex:1}button{background:#2c5364;color:#fff;border:0;cursor:pointer}
output{display:block;margin-top:1rem;font-weight:700;min-height:1.6em}
</style></head><body><main>
<h1>It works.</h1>
<p>This page was loaded by a WebKit session of your own Driftstack server. Type into the field and tap the button through the API:
selectors <code>#name</code> and <code>#greet</code>.</p>
<form onsubmit="document.getElementById('answer').textContent='Hello, '+document.getElementById('name').value+'!';return false">
<input id="name" placeholder="Your name" autocomplete="off"><button id="greet">Greet</button></form>
<output id="answer"></output>
</main></body></html>
)";

ServerOptions page_options(std::string host, std::uint16_t port) {
  ServerOptions options;
  options.listen = {ListenAddress{std::move(host), port}};
  return options;
}

}  // namespace

WelcomePage::WelcomePage(Core& core, std::string host, std::uint16_t port)
    : http_(page_options(std::move(host), port), core.io(), *this, core.log(), core.metrics()) {}

Task<> WelcomePage::run(Exchange& exchange) {
  const bool is_page = exchange.target == "/" && exchange.method == Method::get;
  exchange.head = "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n";
  exchange.response =
      is_page ? Response(200, std::string(kPage)) : Response(404, "<!doctype html><title>Not here</title><h1>Not here</h1>");
  exchange.close = exchange.body && exchange.body->present();
  co_return;
}

void WelcomePage::refuse(Exchange& exchange, const Error& error) {
  exchange.head = "Content-Type: text/plain; charset=utf-8\r\n";
  exchange.response = Response(problem_kind(error.code).status, error.detail + "\n");
  exchange.close = true;
}

}  // namespace driftstack::kernel
