// Counts what operator new hands out in this program, so that a test can bound what a decoder allocates.
#pragma once

#include <cstddef>

namespace gregor::wire::test {

/// Bytes asked of operator new since the program began.
std::size_t bytes_allocated();

}  // namespace gregor::wire::test
