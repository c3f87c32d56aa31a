#include "auth_outcomes.hpp"

#include <string>
#include <vector>

namespace driftstack::identity {
namespace {

Counter& outcome(Metrics& metrics, const char* value) {
  std::vector<Label> labels;
  labels.emplace_back("outcome", value);
  return metrics.counter("driftstack_auth_total", "Checks of bearer credentials by outcome.", std::move(labels));
}

}  // namespace

AuthOutcomes::AuthOutcomes(Metrics& metrics)
    : ok_(outcome(metrics, "ok")),
      unauthorized_(outcome(metrics, "unauthorized")),
      invalid_(outcome(metrics, "invalid")),
      revoked_(outcome(metrics, "revoked")),
      expired_(outcome(metrics, "expired")),
      forbidden_(outcome(metrics, "forbidden")),
      error_(outcome(metrics, "error")) {}

void AuthOutcomes::count(const Result<Principal>& outcome) noexcept {
  Counter& counter = outcome ? ok_ : refusals(outcome.error().code);
  counter.add(1);
}

Counter& AuthOutcomes::refusals(Errc code) noexcept {
  switch (code) {
    case Errc::unauthorized:
      return unauthorized_;
    case Errc::invalid_key:
      return invalid_;
    case Errc::revoked_key:
      return revoked_;
    case Errc::expired_key:
      return expired_;
    case Errc::forbidden:
      return forbidden_;
    default:
      return error_;
  }
}

}  // namespace driftstack::identity
