#include "sim/disk_law.h"

namespace gregor::sim {

DiskLaw usual_disk_law() {
  using std::chrono::microseconds;
  DiskLaw law;
  law.read = {.base = microseconds(5), .spread = microseconds(80), .tail_chance = {1000}, .tail = microseconds(2000)};
  law.write = {.base = microseconds(2), .spread = microseconds(30), .tail_chance = {1000}, .tail = microseconds(2000)};
  law.sync = {
      .base = microseconds(100), .spread = microseconds(900), .tail_chance = {5000}, .tail = microseconds(20'000)};
  law.names = {.base = microseconds(2), .spread = microseconds(50)};
  law.inline_finish = {100'000};
  return law;
}

}  // namespace gregor::sim
