// .kafka_cleanshutdown: the mark that every log of a directory was closed, flushed and checkpointed (KIP-966's JSON).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::storage {

inline constexpr std::string_view kCleanShutdownFile = ".kafka_cleanshutdown";

ByteBuffer format_clean_shutdown(BrokerEpoch broker_epoch);
/// The broker epoch in it; none in the empty or unreadable file of older versions, which marks a clean end all the
/// same.
std::optional<BrokerEpoch> parse_clean_shutdown(Bytes content);

}  // namespace gregor::storage
