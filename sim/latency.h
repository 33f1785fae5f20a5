// How long things take in the world: a law to draw a wait from, in integers alone.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "sim/streams.h"

namespace gregor::sim {

/// base + uniform [0, spread], and now and then up to `tail` more.
struct Latency {
  Nanoseconds base{0};
  Nanoseconds spread{0};
  Chance tail_chance{};
  Nanoseconds tail{0};

  Nanoseconds draw(RandomStream& stream) const;
};

}  // namespace gregor::sim
