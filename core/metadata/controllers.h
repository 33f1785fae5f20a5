// Who is a controller: each tells the active one its addresses and what it can do (KIP-919). Pure.
#pragma once

#include "base/result.h"
#include "metadata/broker_registration.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// Of metadata.version.
inline constexpr std::int16_t kControllerRegistrationNeeds = 15;

/// Empty where the image says so already. Errors: unsupported (metadata.version is too old for it).
Result<RecordList> decide_register_controller(const Image& image, const ControllerRegistration& request);

}  // namespace gregor::metadata
