// SegmentSwap: puts a cleaned segment in the place of those it was made from, so that a crash at any moment leaves the
// old ones or the new one (Kafka's .cleaned and .swap files; folder_sweep.h finishes or undoes it at the next start).
//
//   NNN.log.cleaned and the like   being written; a crash forgets them
//   NNN.log.swap                   the new segment counts; what it replaces may still stand beside it
//   NNN.log                        done
//
// The log's own file is the last to become .swap, so that where it stands all that belongs to it stands too, and the
// first to lose that name, once what it replaces is gone: a file of another kind that is .swap beside no .cleaned log
// belongs to the live one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "storage/segment_files.h"

namespace gregor::storage {

/// Of a file that is not live: "NNN.log.cleaned".
std::string staged_path(const SegmentFiles& files, Offset base_offset, FileKind kind, FileStage stage);

class SegmentSwap {
 public:
  /// `has_aborted`: there is a NNN.txnindex.cleaned. `replaced`: the base offsets of the segments it was made from, the
  /// first of which is `base_offset`.
  SegmentSwap(SegmentFiles& files, Offset base_offset, bool has_aborted, std::vector<Offset> replaced);

  /// .cleaned to .swap, durably. Requires that the files are durable. After an error nothing is decided: undo().
  Result<void> commit(env::Fiber& self);
  /// Removes the .cleaned and .swap files, durably. After an error a start may find either.
  Result<void> undo(env::Fiber& self);
  /// After commit(): removes what was replaced and gives the new segment its names, durably. After an error the next
  /// start finishes; until then the folder must not be changed.
  Result<void> finish(env::Fiber& self);

 private:
  [[nodiscard]] std::span<const FileKind> derived() const;

  SegmentFiles& files_;
  Offset base_offset_;
  bool has_aborted_;
  std::vector<Offset> replaced_;
};

}  // namespace gregor::storage
