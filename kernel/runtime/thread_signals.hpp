#pragma once

#include <pthread.h>
#include <signal.h>

namespace driftstack::kernel {

/// While it lives, threads that are started here inherit a mask that blocks every signal but those of faults. Signals then reach the main
/// thread only, and a write to a closed connection is an error code instead of SIGPIPE.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace driftstack::kernel
