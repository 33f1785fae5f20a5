#include "broker/controller_registrar.h"

#include <algorithm>
#include <string>

#include "broker/registration_parts.h"
#include "metadata/controllers.h"
#include "metadata/metadata_version.h"
#include "wire/error_code.h"

namespace gregor::broker {
namespace {

/// Borrows.
wire::ControllerRegistrationRequest request_of(const metadata::ControllerRegistration& controller) {
  wire::ControllerRegistrationRequest request;
  request.controller_id = controller.id.value();
  request.incarnation_id = controller.incarnation_id;
  add_listeners_and_features(request, controller);
  return request;
}

}  // namespace

ControllerRegistrar::ControllerRegistrar(Seat seat, metadata::ControllerRegistration self_description)
    : seat_(std::move(seat)), described_(std::move(self_description)) {
  seat_.feed.subscribe(*this);
}

ControllerRegistrar::~ControllerRegistrar() {
  seat_.feed.unsubscribe(*this);
}

void ControllerRegistrar::stop() {
  stopped_ = true;
  news_.wake_all();
  stopping_.wake_all();
}

void ControllerRegistrar::on_image(const controller::ImageChange& change) {
  const metadata::ControllerRegistration* known = change.after->controllers().find(described_.id);
  const bool is_ours = known != nullptr && known->incarnation_id == described_.incarnation_id;
  if (is_shown_ && !is_ours && known != nullptr) note_displaced(*known);
  is_shown_ = is_ours;
  news_.wake_all();
}

void ControllerRegistrar::note_displaced(const metadata::ControllerRegistration& by) {
  if (++displaced_ != 2) return;
  std::string at;
  for (const metadata::Endpoint& listener : by.listeners) {
    at += (at.empty() ? "" : ",") + listener.host + ":" + std::to_string(listener.port);
  }
  seat_.log.error("controller.id_is_taken",
                  {{"node_id", described_.id.value()},
                   {"other", at},
                   {"hint",
                    "another controller with this node.id is at work, and what both acknowledge may be lost: "
                    "stop one, give it a node.id of its own and empty directories"}});
}

Milliseconds ControllerRegistrar::pause_of_the_displaced() const {
  if (displaced_ < 2) return Milliseconds(0);
  return std::min(kPauseOfTheDisplaced * (1 << std::min(displaced_ - 2, 10)), kPauseOfTheDisplacedMax);
}

void ControllerRegistrar::wait_while_due(env::Fiber& self, MonotonicTime deadline) {
  while (!stopped_ && is_due() && stopping_.wait_until(self, seat_.clock, deadline)) {
  }
}

bool ControllerRegistrar::is_due() const {
  const metadata::Image& image = *seat_.feed.image();
  if (image.feature_level(metadata::kMetadataVersion) < metadata::kControllerRegistrationNeeds) return false;
  const metadata::ControllerRegistration* known = image.controllers().find(described_.id);
  return known == nullptr || *known != described_;
}

void ControllerRegistrar::try_once(env::Fiber& self) {
  const auto answer = seat_.carry(self, request_of(described_), seat_.clock.now() + kTryMax);
  std::string why;
  if (!answer) {
    why = answer.error().text;
  } else if (answer->error_code != 0) {
    why = std::string(wire::name_of(wire::error_code_of(answer->error_code)));
  }
  if (!why.empty() && is_heard_ && !stopped_) seat_.log.warn("controller.not_registered", {{"reason", why}});
  is_heard_ = why.empty();
}

void ControllerRegistrar::keep(env::Fiber& self) {
  while (!stopped_) {
    if (!is_due()) {
      news_.wait(self);
      continue;
    }
    if (const Milliseconds pause = pause_of_the_displaced(); pause.count() > 0) {
      wait_while_due(self, seat_.clock.now() + pause);
      if (stopped_ || !is_due()) continue;
    }
    try_once(self);
    // Whatever came of it: what was committed shows here soon.
    wait_while_due(self, seat_.clock.now() + kPauseBetweenTries);
  }
}

}  // namespace gregor::broker
