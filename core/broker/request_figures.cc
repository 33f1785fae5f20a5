#include "broker/request_figures.h"

namespace gregor::broker {

void RequestFigures::served(std::int16_t key, std::int16_t version, Nanoseconds took, bool succeeded) {
  OfApi& api = by_api_[key];
  ++api.by_version[version];
  if (!succeeded) ++api.broken_off;
  api.took.add(took);
}

void RequestFigures::add(const RequestFigures& other) {
  for (const auto& [key, theirs] : other.by_api_) {
    OfApi& api = by_api_[key];
    for (const auto& [version, count] : theirs.by_version) api.by_version[version] += count;
    api.broken_off += theirs.broken_off;
    api.took.add(theirs.took);
  }
}

}  // namespace gregor::broker
