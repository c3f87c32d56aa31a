#include "proof_check.hpp"

#include <utility>

#include "driftstack/support/utf8.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::mfa_totp {
namespace {

struct RecoveryUse {
  std::int64_t remaining = 0;
  static constexpr auto shape = wire::object(wire::field<&RecoveryUse::remaining>("remaining"));
};

}  // namespace

Error refusal(const Judgement& judgement) {
  switch (judgement.verdict) {
    case Verdict::paused:
      return Error(Errc::rate_limited, "Too many wrong codes were entered for this account; second factors are paused.")
          .with_retry_after(judgement.paused_seconds);
    case Verdict::replayed:
      return Error(Errc::bad_request, "The code was used already; wait for the next one.");
    case Verdict::not_enrolled:
      return Error(Errc::not_found, "The account has no second factor.");
    case Verdict::accepted:
    case Verdict::wrong:
      break;
  }
  return Error(Errc::bad_request, "The code is wrong.");
}

AsyncResult<PreparedProof> ProofCheck::prepare(const Call& call, const Factor& factor, const Proof& proof) const {
  PreparedProof prepared;
  if (proof.code) {
    prepared.code = proof.code->reveal();
    co_return prepared;
  }
  prepared.via = Via::recovery;
  const auto code = normal_recovery_code(proof.recovery_code ? proof.recovery_code->reveal() : std::string_view());
  if (!code) co_return prepared;
  auto digest = co_await parts_.recovery.digest(call, *code, factor.recovery_salt);
  if (!digest) co_return std::move(digest).error();
  prepared.digest = *std::move(digest);
  co_return prepared;
}

AsyncResult<Judgement> ProofCheck::judge(db::Transaction& transaction, Uuid account, PreparedProof proof, std::int64_t now) const {
  Judgement judgement;
  judgement.via = proof.via;
  auto factor = co_await in_transaction::find_factor(transaction, account);
  if (!factor) co_return std::move(factor).error();
  if (!*factor || !(**factor).is_enrolled()) co_return judgement;
  judgement.paused_seconds = (**factor).paused_seconds(now);
  if (judgement.paused_seconds > 0) {
    judgement.verdict = Verdict::paused;
    co_return judgement;
  }
  Result<Judgement> judged = judgement;
  if (proof.via == Via::totp) {
    judged = co_await judge_code(transaction, **factor, std::move(proof.code), now);
  } else {
    judged = co_await judge_recovery(transaction, account, std::move(proof.digest), now);
  }
  if (judged && judged->verdict == Verdict::wrong) {
    auto counted = co_await count_failure(transaction, account, now);
    if (!counted) co_return std::move(counted).error();
  }
  co_return judged;
}

AsyncResult<Judgement> ProofCheck::judge_code(db::Transaction& transaction, const Factor& factor, std::string code,
                                              std::int64_t now) const {
  Judgement judgement;
  judgement.verdict = Verdict::wrong;
  const auto seed = parts_.vault.open(factor.account, factor.seed);
  if (!seed) co_return seed.error();
  const auto step = matching_step(*seed, code, now);
  if (!step) co_return judgement;
  auto accepted = co_await in_transaction::accept_step(transaction, factor.account, *step, now);
  if (!accepted) co_return std::move(accepted).error();
  judgement.verdict = *accepted ? Verdict::accepted : Verdict::replayed;
  co_return judgement;
}

AsyncResult<Judgement> ProofCheck::judge_recovery(db::Transaction& transaction, Uuid account, std::string digest, std::int64_t now) const {
  Judgement judgement;
  judgement.via = Via::recovery;
  judgement.verdict = Verdict::wrong;
  if (digest.empty()) co_return judgement;
  auto claimed = co_await in_transaction::claim_code(transaction, account, std::move(digest), now);
  if (!claimed) co_return std::move(claimed).error();
  if (!*claimed) co_return judgement;
  auto used = co_await in_transaction::set_used(transaction, account, now);
  if (!used) co_return std::move(used).error();
  auto left = co_await in_transaction::count_unused_codes(transaction, account);
  if (!left) co_return std::move(left).error();
  judgement.verdict = Verdict::accepted;
  judgement.remaining_codes = *left;
  co_return judgement;
}

AsyncResult<> ProofCheck::count_failure(db::Transaction& transaction, Uuid account, std::int64_t now) const {
  auto failures = co_await in_transaction::fail_account(transaction, account, now);
  if (!failures) co_return std::move(failures).error();
  if (*failures < kAccountFailures) co_return Done();
  auto step = co_await in_transaction::pause(transaction, account, now + kPause);
  if (!step) co_return step;
  step = co_await in_transaction::remove_failures(transaction, account);
  if (!step) co_return step;
  co_return co_await parts_.desk.notify(transaction, account, SecurityNotice::second_factor_paused, now);
}

AsyncResult<> ProofCheck::note(db::Transaction& transaction, const Call& call, const Uuid& account, const Judgement& judgement) const {
  if (judgement.verdict != Verdict::accepted || judgement.via != Via::recovery) co_return Done();
  AuditEntry entry(account, AuditActor::customer, "account.recovery_code_used");
  entry.actor_account = account;
  entry.ip_address = std::string(call.client_address());
  if (const auto agent = call.user_agent(); !agent.empty() && is_valid_utf8(agent)) entry.user_agent = std::string(agent);
  RecoveryUse payload;
  payload.remaining = judgement.remaining_codes;
  entry.payload = wire::to_text(payload);
  co_return co_await parts_.audit.append(transaction, std::move(entry));
}

}  // namespace driftstack::mfa_totp
