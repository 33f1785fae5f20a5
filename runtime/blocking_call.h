// A system call that blocks, taken to a worker.
#pragma once

#include <cerrno>
#include <string_view>

#include "base/result.h"
#include "env/fiber.h"
#include "runtime/os_error.h"
#include "runtime/worker_pool.h"

namespace gregor::runtime {

struct CallOutcome {
  long value = -1;   ///< what the call returned
  int os_error = 0;  ///< errno where it returned -1
};

/// Suspends. `call` returns -1 and sets errno when it fails; EINTR begins it anew. It may borrow from the caller.
template <class Call>
CallOutcome call_on_worker(env::Fiber& self, ShardJobs& jobs, Call call) {
  CallOutcome outcome;
  jobs.run(self, [&outcome, &call] {
    do {
      errno = 0;
      outcome.value = call();
      outcome.os_error = outcome.value == -1 ? errno : 0;
    } while (outcome.os_error == EINTR);
  });
  return outcome;
}

/// The same for calls that return nothing but success.
template <class Call>
Result<void> succeed_on_worker(env::Fiber& self, ShardJobs& jobs, std::string_view what, Call call) {
  const CallOutcome outcome = call_on_worker(self, jobs, std::move(call));
  if (outcome.value == -1) return os_failure(what, outcome.os_error);
  return {};
}

}  // namespace gregor::runtime
