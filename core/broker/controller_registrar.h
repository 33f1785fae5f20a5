// ControllerRegistrar: tells the active controller where this node's own controller listens and what it can do
// (KIP-919). On shard 0, of nodes that are controllers.
//
// Promises: each life registers under an incarnation of its own, as soon as metadata.version knows of it, and again
// where the metadata comes to say something else; nothing is sent while the image here says it already. Never decides
// who is a voter.
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

  ControllerRegistrar(Seat seat, metadata::ControllerRegistration self_description);
  ~ControllerRegistrar() override;

  /// Until stop(). A fiber of its own.
  void keep(env::Fiber& self);
  /// Ends keep() soon. Does not suspend.
  void stop();

 private:
  void on_image(const controller::ImageChange&) override { news_.wake_all(); }
  [[nodiscard]] bool is_due() const;
  void try_once(env::Fiber& self);

  Seat seat_;
  const metadata::ControllerRegistration described_;
  env::WaitQueue news_;
  env::WaitQueue stopping_;
  bool is_heard_ = true;  ///< the last try was answered
  bool stopped_ = false;
};

}  // namespace gregor::broker
