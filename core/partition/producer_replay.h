// A batch of the log, taken into the producer table as recovery does: without judging. Pure.
#pragma once

#include <optional>

#include "base/result.h"
#include "record/batch_view.h"
#include "replica/producer_table.h"
#include "storage/aborted_transaction.h"

namespace gregor::partition {

/// The transaction that the batch, a marker, aborted. Errors: malformed, when a control batch holds no record that
/// parses.
Result<std::optional<storage::AbortedTransaction>> replay(replica::ProducerTable& producers,
                                                          const record::BatchView& batch);

/// As the transaction index holds it.
storage::AbortedTransaction index_entry(const replica::AbortedTransaction& aborted);

}  // namespace gregor::partition
