// CRC32C (Castagnoli), as in record batches. ISA-L picks the fastest kernel that the processor has.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace gregor {

std::uint32_t crc32c(Bytes bytes);
/// Continues a sum: extend_crc32c(crc32c(a), b) == crc32c(a followed by b).
std::uint32_t extend_crc32c(std::uint32_t crc, Bytes bytes);

}  // namespace gregor
