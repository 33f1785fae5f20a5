#include "quorum/death_signs.h"

#include <algorithm>
#include <cerrno>

namespace gregor::quorum {

void DeathSigns::forget_refusals() {
  refusals_ = 0;
  is_gone_ = false;
}

void DeathSigns::connected() {
  was_connected_ = true;
  forget_refusals();
}

void DeathSigns::ended() {
  has_ended_ = true;
  forget_refusals();
}

void DeathSigns::heard() {
  has_ended_ = false;
  forget_refusals();
}

void DeathSigns::refused(MonotonicTime now) {
  if (refusals_++ == 0) first_refusal_ = now;
  is_gone_ = probe_.count() > 0 && was_connected_ && refusals_ >= kRefusalsMin && now - first_refusal_ >= probe_;
}

Nanoseconds DeathSigns::pause() const {
  return std::max(Nanoseconds(probe_) / (kRefusalsMin - 1), Nanoseconds(Milliseconds(1)));
}

bool is_refusal(const Error& error) {
  return error.code == Errc::closed && error.os_error == ECONNREFUSED;
}

}  // namespace gregor::quorum
