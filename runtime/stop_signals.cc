#include "runtime/stop_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace gregor::runtime {

StopSignals::StopSignals(Loop& loop, UniqueFunction<void()> on_stop) : loop_(loop), on_stop_(std::move(on_stop)) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, &former_mask_) == 0);
  descriptor_ = Descriptor(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(descriptor_.is_open());
  Result<Watch*> watch = loop_.watch(descriptor_.number(), EPOLLIN, *this);
  CHECK(watch.has_value());
  watch_ = *watch;
}

StopSignals::~StopSignals() {
  loop_.give_up(watch_);
  pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
}

void StopSignals::on_events(std::uint32_t) {
  signalfd_siginfo signal{};
  while (::read(descriptor_.number(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    if (was_asked_) ::_exit(128 + static_cast<int>(signal.ssi_signo));
    was_asked_ = true;
    on_stop_();
  }
}

}  // namespace gregor::runtime
