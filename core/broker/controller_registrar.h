// ControllerRegistrar: tells the active controller where this node's own controller listens and what it can do
// (KIP-919). On shard 0, of nodes that are controllers.
//
// Promises: each life registers under an incarnation of its own, as soon as metadata.version knows of it, and again
// where the metadata comes to say something else; nothing is sent while the image here says it already. Where another
// process takes the registration of its node.id again and again, it says so, and the two do not fill the log with it.
// Never decides who is a voter.
#pragma once

#include <functional>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/wait.h"
#include "metadata/broker_registration.h"
#include "observe/log.h"
#include "wire/controller_registration.h"

namespace gregor::broker {

class ControllerRegistrar final : controller::ImageListener {
 public:
  /// Asks the active controller, wherever it is. Suspends. Errors: nobody answered until the deadline, closed.
  using Carrier = std::function<Result<wire::ControllerRegistrationResponse>(
      env::Fiber&, const wire::ControllerRegistrationRequest&, MonotonicTime deadline)>;
  struct Seat {
    env::Clock& clock;
    controller::ImageFeed& feed;  ///< outlives it
    observe::Log& log;
    Carrier carry;
  };
  static constexpr Milliseconds kTryMax{5000};
  static constexpr Milliseconds kPauseBetweenTries{500};
  /// Before it registers anew when another process did so under its id: doubled each time, up to the latter. The first
  /// time there is none: a request of this node's former life may have come late.
  static constexpr Milliseconds kPauseOfTheDisplaced{1000};
  static constexpr Milliseconds kPauseOfTheDisplacedMax{60'000};

  ControllerRegistrar(Seat seat, metadata::ControllerRegistration self_description);
  ~ControllerRegistrar() override;

  /// Until stop(). A fiber of its own.
  void keep(env::Fiber& self);
  /// Ends keep() soon. Does not suspend.
  void stop();

 private:
  void on_image(const controller::ImageChange& change) override;
  void note_displaced(const metadata::ControllerRegistration& by);
  [[nodiscard]] Milliseconds pause_of_the_displaced() const;
  /// Until `deadline`, or stop(), or there is nothing to tell any more.
  void wait_while_due(env::Fiber& self, MonotonicTime deadline);
  [[nodiscard]] bool is_due() const;
  void try_once(env::Fiber& self);

  Seat seat_;
  const metadata::ControllerRegistration described_;
  env::WaitQueue news_;
  env::WaitQueue stopping_;
  bool is_heard_ = true;   ///< the last try was answered
  bool is_shown_ = false;  ///< the image shows this life
  int displaced_ = 0;      ///< how often another one took its place
  bool stopped_ = false;
};

}  // namespace gregor::broker
