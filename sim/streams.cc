#include "sim/streams.h"

namespace gregor::sim {

std::uint64_t stream_seed(std::uint64_t world_seed, const StreamName& name) {
  std::uint64_t seed = hash_name(name.purpose, world_seed);
  seed = hash_name("node", seed ^ name.node);
  seed = hash_name("incarnation", seed ^ name.incarnation);
  return hash_name("object", seed ^ name.object);
}

RandomStream open_stream(std::uint64_t world_seed, const StreamName& name) {
  return RandomStream(stream_seed(world_seed, name));
}

}  // namespace gregor::sim
