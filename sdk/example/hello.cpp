// A complete plugin: GET /v1/hello/{name}.
#include "driftstack/plugin.hpp"
#include "driftstack/support/routes.hpp"

namespace hello {

using namespace driftstack;

/// The answer. Its description is the JSON and its schema in GET /openapi.json.
struct Greeting {
  std::string message;
  static constexpr auto shape = wire::object(wire::field<&Greeting::message>("message", wire::doc("The greeting.")));
};

class Hello final : public Plugin {
 public:
  explicit Hello(Host& host) : host_(host) {}

  // Settings are checked against plugin.toml already: they have their type, bounds and default.
  Result<> configure() override {
    word_ = host_.settings().text("greeting");
    routes_.get("/v1/hello/{name}", "say_hello", "Greets by name.").open().to<&Hello::greet>(*this);
    return Done();
  }
  AsyncResult<> start() override { co_return Done(); }
  AsyncResult<> stop() override { co_return Done(); }
  void* provide(InterfaceId id) noexcept override { return id == RouteSource::kId ? static_cast<RouteSource*>(&routes_) : nullptr; }

 private:
  AsyncResult<Greeting> greet(const Call&, const Request& request) {
    Greeting greeting;
    greeting.message = word_ + ", " + std::string(request.parameter("name")) + "!";
    co_return greeting;
  }

  Host& host_;
  std::string word_;
  Routes routes_{"hello"};
};

}  // namespace hello

DRIFTSTACK_PLUGIN(hello::Hello)
