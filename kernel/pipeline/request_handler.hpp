#pragma once
// What kernel/http asks of the stages behind it. [io-thread of the exchange]

#include "driftstack/task.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// What a connection needs of the kernel. Shared by all io threads; outlives every connection.
class RequestHandler {
 public:
  /// Carries an exchange whose head is complete through all stages; afterwards `head` and `response` are ready to be written. Never fails:
  /// every refusal is a problem answer.
  virtual Task<> run(Exchange& exchange) = 0;
  /// Makes the problem answer for a request that the connection itself refuses (framing, limits, deadlines) before or instead of `run`.
  virtual void refuse(Exchange& exchange, const Error& error) = 0;
  /// Called once per exchange after the last byte was written or the connection broke: access log and metrics.
  virtual void finished(const Exchange& exchange, std::uint64_t bytes_sent) noexcept = 0;

 protected:
  ~RequestHandler() = default;
};

}  // namespace driftstack::kernel
