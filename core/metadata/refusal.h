// Refusal: why the controller does not do what it was asked, as it is answered. A value.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "wire/error_code.h"

namespace gregor::metadata {

struct Refusal {
  wire::ErrorCode error;
  std::optional<std::string> text;
};
/// None where nothing speaks against it.
using Verdict = std::optional<Refusal>;

inline Verdict refuse(wire::ErrorCode error, std::string text) {
  return Refusal{error, std::move(text)};
}

}  // namespace gregor::metadata
