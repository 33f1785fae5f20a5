// The log of an internal topic, record by record, for a machine that is being built from it: batches decompressed,
// transactions told apart, markers read. Knows nothing of what the records mean.
#pragma once

#include "coordinator/machine.h"
#include "observe/log.h"
#include "record/batch_view.h"
#include "record/codec.h"

namespace gregor::coordinator {

/// Hands every record of the batch to the machine. A record that the machine does not understand is named in the log
/// and passed over. Errors: malformed, unsupported (a batch that cannot be read at all).
Result<void> replay_batch(const record::BatchView& batch, record::CodecScratch& codec, observe::Log& log,
                          const Now& now, Machine& machine);

}  // namespace gregor::coordinator
