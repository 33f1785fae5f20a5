#include "broker/live_settings.h"

#include "base/mutant.h"
#include "config/broker_layers.h"

namespace gregor::broker {
namespace {

config::BrokerConfig settings_at(const metadata::Image& image, const config::BrokerConfig& fixed) {
  using metadata::ConfigResource;
  return config::broker_config_with(fixed, image.configs_of({ConfigResource::kBroker, ""}),
                                    image.configs_of({ConfigResource::kBroker, std::to_string(fixed.node_id.value())}));
}

}  // namespace

LiveSettings::LiveSettings(const config::BrokerConfig& fixed, controller::ImageFeed& feed, observe::Log& log)
    : fixed_(fixed), feed_(feed), log_(log), now_(settings_at(*feed.image(), fixed)) {
  feed_.subscribe(*this);
}

LiveSettings::~LiveSettings() {
  feed_.unsubscribe(*this);
}

bool LiveSettings::are_touched_by(const metadata::Delta& delta) const {
  using metadata::ConfigResource;
  return delta.configs.contains({ConfigResource::kBroker, ""}) ||
         delta.configs.contains({ConfigResource::kBroker, std::to_string(fixed_.node_id.value())});
}

void LiveSettings::on_image(const controller::ImageChange& change) {
  if (!are_touched_by(*change.delta)) return;
  // The first change of a life tells of all configs at once.
  if (MUTANT(broker_settings_lost_at_restart) && change.delta->configs.size() > 1) return;
  config::BrokerConfig next = settings_at(*change.after, fixed_);
  if (next == now_) return;
  now_ = std::move(next);
  log_.info("broker.settings_changed", {{"offset", change.after->offset().value()}});
}

}  // namespace gregor::broker
