#include "broker/controller_registrar.h"

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
    try_once(self);
    // Whatever came of it: what was committed shows here soon.
    const MonotonicTime next = seat_.clock.now() + kPauseBetweenTries;
    while (!stopped_ && is_due() && stopping_.wait_until(self, seat_.clock, next)) {
    }
  }
}

}  // namespace gregor::broker
