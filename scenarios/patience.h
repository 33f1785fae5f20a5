// How long the workloads' clients wait, in virtual time.
#pragma once

#include "base/time.h"

namespace gregor::scenarios {

/// For an answer to one request, before a workload goes on without it.
inline constexpr Milliseconds kPatience{2'000};
/// Before what a broker refused is asked again.
inline constexpr Milliseconds kRetryPause{50};

}  // namespace gregor::scenarios
