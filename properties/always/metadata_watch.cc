#include "properties/always/metadata_watch.h"

#include <algorithm>
#include <string>

namespace gregor::properties {

void MetadataWatch::on(const observe::Event& event) {
  if (const auto* elected = std::get_if<observe::QuorumLeaderElected>(&event)) {
    if (elected->epoch <= led_) {
      verdict_.violated("K1",
                        "epoch " + std::to_string(elected->epoch.value()) + " is led again, after epoch " +
                            std::to_string(led_.value()),
                        now_());
    }
    led_ = std::max(led_, elected->epoch);
  } else if (const auto* applied = std::get_if<observe::MetadataApplied>(&event)) {
    shown_now_ = std::max(shown_now_, applied->offset);
    shown_ = std::max(shown_, applied->offset);
  } else if (std::holds_alternative<observe::NodeReady>(event) && shown_now_ < shown_) {
    verdict_.violated("K2",
                      "the node is ready with metadata up to offset " + std::to_string(shown_now_.value()) +
                          ", though offset " + std::to_string(shown_.value()) + " was committed",
                      now_());
  }
}

void MetadataWatch::node_died(bool damaged) {
  shown_now_ = kNoOffset;
  if (!damaged) return;
  shown_ = kNoOffset;
  led_ = kNoLeaderEpoch;
}

}  // namespace gregor::properties
