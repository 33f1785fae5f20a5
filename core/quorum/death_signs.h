// DeathSigns: whether the process behind an address is gone, from what became of connections to it. Pure: a decision
// over what its owner tells; it dials nothing and reads no clock.
//
// A lost connection alone is no death: links break, machines pause, networks are cut. What only a process that ended
// leaves behind is a machine that answers, and says that nobody listens. So gone is who
//   1. was connected to at this very address before (an address that never answered proves nothing by refusing: it may
//      be meant for others than us),
//   2. whose connection ended, and
//   3. whose port then refused at least kRefusalsMin dials in a row, the first and the last of them at least `probe`
//      apart, while nothing was heard of it in any other way.
// A machine without power, a cut link and a hung kernel do not answer (timeouts); a paused process still has its port
// (the kernel answers). For those the session's end stays the judge.
//
// What it costs safety to be this early: fencing shrinks an ISR, and with acknowledgements that wait for no disk the
// last good replica must not be fenced while one that lost its tail is still taken as good (INVARIANTS section C, point
// 12). Nothing here makes a schedule possible that the session's end does not have: what follows is the same
// fencing, only sooner. And sooner is on the right side: the suspect of point 12 lost its machine, whose port
// refuses as soon as the machine is up again, before the broker registers: it leaves the ISR earlier than by its
// session. A process that was only killed has lost nothing of what the kernel holds, comes back with a clean tail, and
// is kept in mind as eligible (KIP-966). No bytes are judged here, and no replica is called good for having been
// fenced.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"

namespace gregor::quorum {

class DeathSigns {
 public:
  static constexpr int kRefusalsMin = 3;

  /// `probe` is how long refusals must last; zero: nobody is ever gone.
  explicit DeathSigns(Milliseconds probe) : probe_(probe) {}

  /// A dial was answered.
  void connected();
  /// The connection ended, whoever ended it.
  void ended();
  void refused(MonotonicTime now);
  /// A dial came to nothing, and not by a refusal.
  void unclear() { forget_refusals(); }
  /// It was heard of in another way: it lives, or did a moment ago.
  void heard();

  [[nodiscard]] bool is_gone() const { return is_gone_; }
  /// Its connection ended, and nothing was heard of it since. Alone no death; together with another process that holds
  /// its address it is one.
  [[nodiscard]] bool has_ended_unheard() const { return has_ended_; }
  /// Refusals are being counted and more of them decide: the next dial should go out after pause().
  [[nodiscard]] bool wants_dial() const { return was_connected_ && refusals_ > 0 && !is_gone_ && probe_.count() > 0; }
  [[nodiscard]] Nanoseconds pause() const;

 private:
  void forget_refusals();

  Milliseconds probe_;
  bool was_connected_ = false;
  bool has_ended_ = false;
  bool is_gone_ = false;
  int refusals_ = 0;
  MonotonicTime first_refusal_{};
};

/// The machine answered that nobody listens there.
[[nodiscard]] bool is_refusal(const Error& error);

}  // namespace gregor::quorum
