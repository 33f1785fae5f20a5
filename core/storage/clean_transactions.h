// CleanTransactions: what a cleaner knows of transactions while it walks through a log from its start: whose data were
// aborted, and which markers have no data left before them. Pure.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/ids.h"
#include "record/batch_view.h"
#include "record/record_view.h"
#include "storage/aborted_transaction.h"

namespace gregor::storage {

class CleanTransactions {
 public:
  /// All that the transaction indexes of the log hold, in any order.
  explicit CleanTransactions(std::vector<AbortedTransaction> aborted);

  /// Takes in the next data batch. True when it belongs to a transaction that was aborted.
  bool on_data(const record::BatchView& batch);
  /// Takes in the next end marker. True when no batch of its transaction stands before it any more.
  bool on_marker(const record::BatchView& batch, record::ControlType type);
  /// The aborted transactions whose marker was met since the last call and of which data was met too: what the index
  /// of a cleaned segment holds. A marker without data needs no entry.
  std::vector<AbortedTransaction> take_index();

 private:
  struct Open {
    AbortedTransaction transaction;
    bool has_data = false;
  };
  void begin_up_to(Offset offset);

  std::vector<AbortedTransaction> aborted_;  ///< by first offset
  std::size_t next_ = 0;
  std::map<ProducerId, Open> open_aborted_;
  std::set<ProducerId> open_committed_;  ///< with data
  std::vector<AbortedTransaction> index_;
};

}  // namespace gregor::storage
