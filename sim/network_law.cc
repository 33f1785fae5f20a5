#include "sim/network_law.h"

namespace gregor::sim {

NetworkLaw usual_network_law() {
  using std::chrono::microseconds;
  NetworkLaw law;
  law.one_way = {
      .base = microseconds(50), .spread = microseconds(100), .tail_chance = {2000}, .tail = microseconds(5000)};
  law.loopback = {.base = microseconds(10), .spread = microseconds(20)};
  law.resolve = {.base = microseconds(200), .spread = microseconds(2000)};
  return law;
}

}  // namespace gregor::sim
