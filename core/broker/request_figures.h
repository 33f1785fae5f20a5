// RequestFigures: what one shard counted of the requests it served, by API and version. Counters alone: nothing the
// broker does depends on them.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "base/time.h"
#include "observe/histogram.h"

namespace gregor::broker {

class RequestFigures {
 public:
  /// From the whole frame to the answer that can be sent; a long poll counts with its wait.
  void served(std::int16_t key, std::int16_t version, Nanoseconds took, bool succeeded);
  void add(const RequestFigures& other);

  struct OfApi {
    std::map<std::int16_t, std::uint64_t> by_version;
    std::uint64_t broken_off = 0;  ///< the connection ended in place of an answer
    observe::Histogram took;
  };
  /// Only APIs that the broker serves come here, so there are at most as many as its table has rows.
  [[nodiscard]] const std::map<std::int16_t, OfApi>& by_api() const { return by_api_; }

 private:
  std::map<std::int16_t, OfApi> by_api_;
};

}  // namespace gregor::broker
