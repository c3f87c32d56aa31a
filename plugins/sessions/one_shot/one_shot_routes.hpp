#pragma once
// POST /v1/screenshot, /v1/pdf, /v1/content, /v1/markdown, /v1/links.

#include "artifacts/artifacts.hpp"
#include "driftstack/support/routes.hpp"
#include "one_shot/one_shot_wire.hpp"
#include "one_shot/one_shots.hpp"

namespace driftstack::sessions {

/// HTTP on one side, runs on the other; applies the caps of captures. [io-thread]
class OneShotRoutes {
 public:
  OneShotRoutes(OneShots& one_shots, Artifacts& artifacts) : one_shots_(one_shots), artifacts_(artifacts) {}

  void declare(Routes& routes);

  AsyncResult<Response> screenshot(const Call& call, const Request& request, body::PictureOf body);
  AsyncResult<Response> pdf(const Call& call, const Request& request, body::DocumentOf body);
  AsyncResult<Response> content(const Call& call, const Request& request, body::ContentOf body);
  AsyncResult<Response> markdown(const Call& call, const Request& request, body::DocumentOf body);
  AsyncResult<Response> links(const Call& call, const Request& request, body::Navigate body);

 private:
  AsyncResult<Response> capture(const Call& call, browser::Navigate navigate, body::Capture asked);

  OneShots& one_shots_;
  Artifacts& artifacts_;
};

}  // namespace driftstack::sessions
