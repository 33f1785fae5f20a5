// Lifecycle: a broker's life in its cluster (KIP-631): it registers, catches up, is unfenced, says that it lives, and
// leaves in an orderly way. On shard 0.
//
// Promises:
//   B1  one incarnation id for the whole life: whatever is asked again is known as the same life;
//   B2  nothing of the broker leads or takes clients before the controller has said that it is unfenced and this
//       node's image shows it; its logs are opened before;
//   B3  a heartbeat goes out every broker.heartbeat.interval.ms at the latest; at most one is under way;
//   B4  a broker whose epoch the controller does not know any more registers anew, under the same incarnation;
//   B5  leave() ends after leaving_max at the latest, whoever does not answer, and soon once every other broker is gone
//       or goes too: nobody is left to take what this one leads;
//   B6  when another broker begins to leave, this one says at once how far its image is: that one is let go only when
//       all know that it leads nothing any more.
// Never decides whether it is fenced: the image says so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/wait.h"
#include "metadata/broker_requests.h"
#include "observe/log.h"
#include "wire/broker_heartbeat.h"
#include "wire/broker_registration.h"

namespace gregor::broker {

/// What a broker says to the active controller. Answers borrow nothing.
class ControllerCalls {
 public:
  ControllerCalls() = default;
  ControllerCalls(const ControllerCalls&) = delete;
  ControllerCalls& operator=(const ControllerCalls&) = delete;
  virtual ~ControllerCalls() = default;
  /// Each suspends. Errors: timed_out (no active controller answered until `deadline`), closed.
  virtual Result<wire::BrokerRegistrationResponse> register_broker(env::Fiber& self,
                                                                   const wire::BrokerRegistrationRequest& request,
                                                                   MonotonicTime deadline) = 0;
  virtual Result<wire::BrokerHeartbeatResponse> heartbeat(env::Fiber& self, const wire::BrokerHeartbeatRequest& request,
                                                          MonotonicTime deadline) = 0;
};

struct LifecycleSettings {
  Milliseconds heartbeat_interval{2000};
  Milliseconds registration_timeout{60'000};  ///< of the first registration
  Milliseconds request_timeout{30'000};       ///< of a heartbeat at most; a session may end before
  bool controlled_shutdown = true;
  /// How long the controller may take to let this broker go, and where nobody is left to take what it leads, only to
  /// fence it, which its session's end does as well.
  Milliseconds leaving_max{30'000};
  Milliseconds leaving_alone_max{2'000};
  /// Nobody but this node has a say: what its controller cannot do now is not waited for.
  bool is_alone = false;
};

class Lifecycle final : private controller::ImageListener {
 public:
  /// What a lifecycle stands on; what is referred to outlives it.
  struct Seat {
    env::Clock& clock;
    controller::ImageFeed& feed;
    observe::Log& log;
    ControllerCalls& controller;
    std::atomic<BrokerEpoch>& epoch;  ///< of the present registration, for every shard to read
    /// Directories of this broker that failed so far; asked at each heartbeat.
    std::function<std::vector<Uuid>()> failed_directories;
  };
  Lifecycle(Seat seat, metadata::RegisterBroker self_description, LifecycleSettings settings);
  ~Lifecycle() override = default;
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;

  /// Registers, and returns once the image here includes the registration: what the cluster decided before is known
  /// then. Suspends. Errors: as enter().
  Result<void> arrive(env::Fiber& self);
  /// Arrives where that was not done, and returns the broker epoch once the controller has unfenced this broker and the
  /// image here shows it. Suspends. Errors: timed_out (registration_timeout passed), invalid (the controller refuses it
  /// for good: another cluster, features, directories), no_space (alone, on a full disk), closed (stop() was called).
  Result<BrokerEpoch> enter(env::Fiber& self);
  /// Says that the broker lives until leave() or stop(). A fiber of its own. Requires enter().
  void keep(env::Fiber& self);
  /// Hands every leadership to others and returns when the controller lets it go; where there is nobody to take them,
  /// or without controlled.shutdown.enable, it is fenced at once. Suspends. Errors: timed_out. Requires enter().
  Result<void> leave(env::Fiber& self);
  /// Ends keep() and enter() soon. Does not suspend.
  void stop();

  /// There is something to tell: the next heartbeat goes out at once. Does not suspend.
  void call();
  /// Another broker is active: there is somebody to hand leaderships to.
  [[nodiscard]] bool has_company() const;

 private:
  void on_image(const controller::ImageChange& change) override;
  enum class Wish : unsigned char { serve, leave, be_fenced_and_leave };
  [[nodiscard]] BrokerEpoch epoch() const { return seat_.epoch; }
  [[nodiscard]] MonotonicTime soon(MonotonicTime deadline, Milliseconds wait) const;
  /// Registers until the controller takes it. Errors: as enter().
  Result<void> enroll(env::Fiber& self, MonotonicTime deadline);
  /// One heartbeat. Errors: timed_out, closed; stale (the controller does not know this epoch).
  Result<wire::BrokerHeartbeatResponse> beat(env::Fiber& self, Wish wish, MonotonicTime deadline);
  Result<void> await_unfenced(env::Fiber& self, MonotonicTime deadline);
  void keep_once(env::Fiber& self);
  [[nodiscard]] bool is_shown_unfenced() const;

  Seat seat_;
  const metadata::RegisterBroker described_;
  const LifecycleSettings settings_;
  env::FiberMutex speaking_;  ///< B3
  env::WaitQueue called_;     ///< there is something to tell, or to end
  bool has_arrived_ = false;
  bool has_news_ = false;
  bool is_heard_ = true;  ///< the last heartbeat was answered
  bool leaving_ = false;
  bool stopped_ = false;
};

}  // namespace gregor::broker
