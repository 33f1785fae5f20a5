#include "sim/latency.h"

namespace gregor::sim {

Nanoseconds Latency::draw(RandomStream& stream) const {
  Nanoseconds wait = base;
  if (spread > Nanoseconds::zero()) wait += Nanoseconds(stream.between(0, spread.count()));
  if (tail > Nanoseconds::zero() && tail_chance.draw(stream)) wait += Nanoseconds(stream.between(0, tail.count()));
  return wait;
}

}  // namespace gregor::sim
