#include "storage/clean_transactions.h"

#include <algorithm>
#include <utility>

namespace gregor::storage {

CleanTransactions::CleanTransactions(std::vector<AbortedTransaction> aborted) : aborted_(std::move(aborted)) {
  std::stable_sort(aborted_.begin(), aborted_.end(),
                   [](const auto& one, const auto& other) { return one.first_offset < other.first_offset; });
}

void CleanTransactions::begin_up_to(Offset offset) {
  for (; next_ < aborted_.size() && aborted_[next_].first_offset <= offset; ++next_) {
    open_aborted_.insert_or_assign(aborted_[next_].producer_id, Open{aborted_[next_]});
  }
}

bool CleanTransactions::on_data(const record::BatchView& batch) {
  begin_up_to(batch.last_offset());
  if (!batch.is_transactional()) return false;
  const auto aborted = open_aborted_.find(batch.producer_id());
  // An entry may be all that is left of a transaction whose data and marker were cleaned away.
  const bool is_of_it = aborted != open_aborted_.end() && batch.last_offset() < aborted->second.transaction.last_offset;
  if (!is_of_it) {
    open_committed_.insert(batch.producer_id());
    return false;
  }
  aborted->second.has_data = true;
  return true;
}

bool CleanTransactions::on_marker(const record::BatchView& batch, record::ControlType type) {
  begin_up_to(batch.last_offset());
  if (type == record::ControlType::commit) return open_committed_.erase(batch.producer_id()) == 0;
  if (type != record::ControlType::abort) return false;
  const auto found = open_aborted_.find(batch.producer_id());
  if (found != open_aborted_.end() && found->second.transaction.last_offset > batch.last_offset()) return false;
  const auto aborted = open_aborted_.extract(batch.producer_id());
  if (aborted.empty() || !aborted.mapped().has_data) return true;
  index_.push_back(aborted.mapped().transaction);
  return false;
}

std::vector<AbortedTransaction> CleanTransactions::take_index() {
  return std::exchange(index_, {});
}

}  // namespace gregor::storage
