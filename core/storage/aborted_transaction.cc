#include "storage/aborted_transaction.h"

namespace gregor::storage {

void append_aborted_transaction(ByteBuffer& onto, const AbortedTransaction& transaction) {
  const std::size_t begin = onto.size();
  onto.resize(begin + kAbortedTransactionBytes);
  std::byte* at = onto.data() + begin;
  store_big_endian<std::int16_t>(at, 0);
  store_big_endian(at + 2, transaction.producer_id.value());
  store_big_endian(at + 10, transaction.first_offset.value());
  store_big_endian(at + 18, transaction.last_offset.value());
  store_big_endian(at + 26, transaction.last_stable_offset.value());
}

Result<std::vector<AbortedTransaction>> parse_transaction_index(Bytes content) {
  if (content.size() % kAbortedTransactionBytes != 0) return fail(Errc::malformed, "size is no multiple of 34");
  std::vector<AbortedTransaction> transactions;
  for (std::size_t begin = 0; begin < content.size(); begin += kAbortedTransactionBytes) {
    const std::byte* at = content.data() + begin;
    if (load_big_endian<std::int16_t>(at) != 0) return fail(Errc::unsupported, "version of an entry is not 0");
    transactions.push_back({.producer_id = ProducerId{load_big_endian<std::int64_t>(at + 2)},
                            .first_offset = Offset{load_big_endian<std::int64_t>(at + 10)},
                            .last_offset = Offset{load_big_endian<std::int64_t>(at + 18)},
                            .last_stable_offset = Offset{load_big_endian<std::int64_t>(at + 26)}});
  }
  return transactions;
}

}  // namespace gregor::storage
