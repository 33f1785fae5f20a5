// The transaction index (NNN.txnindex): one 34-byte entry for each transaction that was aborted by a marker in the
// segment. Kept, checked and cut with its segment; who writes entries is the owner of the producer state.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::storage {

inline constexpr std::size_t kAbortedTransactionBytes = 34;

struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
  Offset last_offset;         ///< the marker's
  Offset last_stable_offset;  ///< when the marker was appended
  bool operator==(const AbortedTransaction&) const = default;
};

void append_aborted_transaction(ByteBuffer& onto, const AbortedTransaction& transaction);
/// Errors: malformed (size), unsupported (version).
Result<std::vector<AbortedTransaction>> parse_transaction_index(Bytes content);

}  // namespace gregor::storage
