// errno to the errors core knows.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gregor::runtime {

/// The code that core acts on; io where it acts on none.
Errc errc_of(int os_error);
/// "`what`: No space left on device" with the errno beside it.
tl::unexpected<Error> os_failure(std::string_view what, int os_error);

}  // namespace gregor::runtime
