// LiveSettings: what a shard of a running broker obeys: its own file, with the dynamic settings of the cluster and of
// this broker over it, as the newest image has them (KIP-226).
//
// Promises: now() is one object, whose values change on the shard's loop and never while something suspends elsewhere;
// a dynamic value that is none changes nothing. Never reads a file.
#pragma once

#include "config/broker_config.h"
#include "controller/image_feed.h"
#include "observe/log.h"

namespace gregor::broker {

class LiveSettings final : controller::ImageListener {
 public:
  /// Follows `feed` from its image on. All arguments outlive it. Whoever subscribes to `feed` later sees settings and
  /// image change together.
  LiveSettings(const config::BrokerConfig& fixed, controller::ImageFeed& feed, observe::Log& log);
  ~LiveSettings() override;
  LiveSettings(const LiveSettings&) = delete;
  LiveSettings& operator=(const LiveSettings&) = delete;

  [[nodiscard]] const config::BrokerConfig& now() const { return now_; }
  /// True where the change touched settings of this broker.
  [[nodiscard]] bool are_touched_by(const metadata::Delta& delta) const;

 private:
  void on_image(const controller::ImageChange& change) override;

  const config::BrokerConfig& fixed_;
  controller::ImageFeed& feed_;
  observe::Log& log_;
  config::BrokerConfig now_;
};

}  // namespace gregor::broker
