#include "bounce_webhook.hpp"

#include <utility>
#include <vector>

#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/base64.hpp"
#include "driftstack/support/timestamp.hpp"

namespace driftstack::mail_postmark {
namespace {

constexpr std::int64_t kMaxWord = 64;  // names of types, reasons and streams; Postmark's are far shorter

struct Kind {
  std::string record_type;
  static constexpr auto shape = wire::object(wire::field<&Kind::record_type>("RecordType", wire::length(1, kMaxWord)));
};

/// `Bounce` and `SpamComplaint`.
struct Bounce {
  std::string type, email;
  Timestamp bounced_at;
  std::optional<bool> inactive;
  std::optional<std::string> stream;
  static constexpr auto shape =
      wire::object(wire::field<&Bounce::type>("Type", wire::length(1, kMaxWord)),
                   wire::field<&Bounce::email>("Email", wire::length(1, mail::kMaxAddress)), wire::field<&Bounce::bounced_at>("BouncedAt"),
                   wire::field<&Bounce::inactive>("Inactive"), wire::field<&Bounce::stream>("MessageStream", wire::length(1, kMaxWord)));
};

struct SubscriptionChange {
  std::string recipient;
  bool suppress_sending = false;
  std::optional<std::string> reason;
  Timestamp changed_at;
  std::optional<std::string> stream;
  static constexpr auto shape =
      wire::object(wire::field<&SubscriptionChange::recipient>("Recipient", wire::length(1, mail::kMaxAddress)),
                   wire::field<&SubscriptionChange::suppress_sending>("SuppressSending"),
                   wire::field<&SubscriptionChange::reason>("SuppressionReason", wire::nullable_or_absent, wire::max_length(kMaxWord)),
                   wire::field<&SubscriptionChange::changed_at>("ChangedAt"),
                   wire::field<&SubscriptionChange::stream>("MessageStream", wire::length(1, kMaxWord)));
};

struct Taken {
  bool ok = true;
  static constexpr auto shape = wire::object(wire::field<&Taken::ok>("ok"));
};

Counter& outcome(Host& host, const char* name) {
  std::vector<Label> labels;
  labels.emplace_back("outcome", name);
  return host.metrics().counter("driftstack_postmark_webhook_total", "Records that Postmark sent us.", std::move(labels));
}

/// Postmark says itself whether it mails the address again; where it does not say, these end it.
bool ends_mailing(const Bounce& bounce) { return bounce.inactive.value_or(bounce.type == "HardBounce" || bounce.type == "SpamComplaint"); }

}  // namespace

Result<std::optional<SuppressionChange>> change_of(std::string_view body, const std::string& default_stream) {
  auto kind = bind_body<Kind>(body);
  if (!kind) return std::move(kind).error();
  SuppressionChange change;
  if (kind->record_type == "Bounce" || kind->record_type == "SpamComplaint") {
    auto bounce = bind_body<Bounce>(body);
    if (!bounce) return std::move(bounce).error();
    if (!ends_mailing(*bounce)) return std::optional<SuppressionChange>();
    change.address = std::move(bounce->email);
    change.stream = std::move(bounce->stream).value_or(default_stream);
    change.reason = std::move(bounce->type);
    change.changed_at = bounce->bounced_at.micros();
    return std::optional(std::move(change));
  }
  if (kind->record_type != "SubscriptionChange") return std::optional<SuppressionChange>();
  auto subscription = bind_body<SubscriptionChange>(body);
  if (!subscription) return std::move(subscription).error();
  change.address = std::move(subscription->recipient);
  change.stream = std::move(subscription->stream).value_or(default_stream);
  change.suppressed = subscription->suppress_sending;
  change.reason = std::move(subscription->reason).value_or("SubscriptionChange");
  change.changed_at = subscription->changed_at.micros();
  return std::optional(std::move(change));
}

BounceWebhook::BounceWebhook(Host& host, SuppressionStore& suppressions, SecretText credentials, std::string default_stream)
    : host_(host),
      suppressions_(suppressions),
      credentials_(std::move(credentials)),
      default_stream_(std::move(default_stream)),
      handled_(outcome(host, "ok")),
      ignored_(outcome(host, "ignored")),
      failed_(outcome(host, "error")),
      missing_(outcome(host, "signature_missing")),
      invalid_(outcome(host, "signature_invalid")),
      malformed_(outcome(host, "malformed_event")) {}

void BounceWebhook::declare(Routes& routes) {
  routes.post("/v1/webhooks/postmark", "receive_postmark_webhook", "Postmark tells about bounces, complaints and subscriptions.")
      .access(Authentication::provider_signature, ScopeSet(), TeamAccess::not_applicable, "ip:provider")
      .raw_body()
      .answers<Taken>()
      .to<&BounceWebhook::receive>(*this);
}

Result<> BounceWebhook::authenticate(const Request& request) const {
  if (credentials_.empty()) return Error(Errc::not_found, "There is no such route.");
  constexpr std::string_view kScheme = "Basic ";
  const std::string_view given = request.header("authorization");
  if (given.empty()) {
    missing_.add(1);
    return Error(Errc::unauthorized, "The webhook needs the name and password that Postmark was given.");
  }
  const auto decoded = given.substr(0, kScheme.size()) == kScheme ? base64_decode(given.substr(kScheme.size())) : std::nullopt;
  if (decoded && credentials_.equals(*decoded)) return Done();
  invalid_.add(1);
  return Error(Errc::unauthorized, "Name or password of the webhook are wrong.");
}

AsyncResult<Response> BounceWebhook::receive(const Call& call, const Request& request) {
  if (auto allowed = authenticate(request); !allowed) co_return std::move(allowed).error();
  auto change = change_of(request.body, default_stream_);
  if (!change) {
    malformed_.add(1);
    co_return std::move(change).error();
  }
  if (*change) {
    host_.log().info("Postmark changed who may be mailed", {LogField("reason", (*change)->reason), LogField("stream", (*change)->stream),
                                                            LogField("suppressed", (*change)->suppressed ? "yes" : "no")});
    auto applied = co_await suppressions_.apply(call, **std::move(change));
    if (!applied) {
      failed_.add(1);
      co_return std::move(applied).error();  // Postmark tries again
    }
    handled_.add(1);
  } else {
    ignored_.add(1);
  }
  co_return json_response(200, Taken());
}

}  // namespace driftstack::mail_postmark
