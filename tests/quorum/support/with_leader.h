// A leader that is asked directly, in the name of another node.
#pragma once

#include "quorum/peer_messages.h"
#include "quorum/service.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {

inline const Context kContext{.cluster_id = "another", .listeners = {}};

/// Runs `body(self, life, arena)` where a node alone leads and holds two records.
template <class Body>
void with_leader(Body&& body) {
  on_disk(std::make_shared<sim::DiskImage>(), [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->append(self, values({"a", "b"})));
    wire::Arena arena;
    body(self, life, arena);
  });
}

}  // namespace gregor::quorum
