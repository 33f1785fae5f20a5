// Everything the outside offers one shard of one node. Handed down by constructor; there is no global.
#pragma once

#include "env/clock.h"
#include "env/disk.h"
#include "env/entropy.h"
#include "env/fiber.h"
#include "env/mailbox.h"
#include "env/network.h"
#include "env/process.h"

namespace gregor::env {

struct Shard {
  FiberScheduler& fibers;
  Clock& clock;
  Entropy& entropy;
  Network& network;
  Disk& disk;
  Mailbox& mailbox;
  Process& process;
};

}  // namespace gregor::env
