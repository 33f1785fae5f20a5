// The bytes of one simulated file, twice: as the system shows them (`content`) and as they are on the platter
// (`durable`); between the two stands the ordered list of operations that no sync covered.
//
// Invariant: were all pending operations written back in order, `durable` would equal `content`, save for what a fault
// took. Knows no names: a file may be durable while its name is not (sim/name_tree.h).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/random.h"
#include "sim/disk_law.h"
#include "sim/sparse_bytes.h"

namespace gregor::sim {

/// What a media fault does to one write on its way to the platter.
struct WriteFate {
  bool lost = false;
  std::optional<std::uint64_t> lands_at;  ///< instead of where it was meant to
};

/// What a power loss took.
struct Losses {
  std::uint64_t writes_lost = 0;
  std::uint64_t writes_torn = 0;
  std::uint64_t names_lost = 0;
  Losses& operator+=(const Losses& other);
};

class FileBody {
 public:
  [[nodiscard]] const SparseBytes& content() const { return content_; }
  [[nodiscard]] const SparseBytes& durable() const { return durable_; }
  [[nodiscard]] std::size_t unsynced_count() const { return unsynced_.size(); }

  void write(std::uint64_t at, Bytes bytes, const WriteFate& fate = {});
  void truncate(std::uint64_t size);

  /// Names the operations so far; sync() and forget() act on those up to a mark.
  [[nodiscard]] std::uint64_t mark() const { return last_sequence_; }
  void sync(std::uint64_t up_to);
  /// A sync failed: these operations will never reach the platter. `show_durable_now`: nor are they visible any more.
  void forget(std::uint64_t up_to, bool show_durable_now);
  /// Readers see the platter and what is on its way there, nothing that was forgotten.
  void show_durable();
  /// Writes back the older half.
  void write_back_half();

  /// Keeps a legal part of what was not synced. After it, content equals durable.
  Losses lose_power(PowerLossContract contract, RandomStream& stream);
  /// Flips a bit of the platter; readers see it unless newer bytes cover it. Requires at < durable().size().
  void rot(std::uint64_t at, unsigned bit);
  /// Reads that touch this sector fail until it is written again.
  void break_sector(std::uint64_t sector) { bad_sectors_.insert(sector); }
  void mend_sectors() { bad_sectors_.clear(); }
  [[nodiscard]] bool touches_bad_sector(std::uint64_t at, std::uint64_t length) const;

 private:
  struct Operation {
    std::uint64_t sequence;
    bool is_truncate;
    std::uint64_t at;  ///< of a truncate: the new size
    ByteBuffer bytes;
    WriteFate fate;
  };
  void apply(const Operation& operation);
  Losses keep_all();
  Losses keep_prefix(RandomStream& stream);
  Losses keep_sectors(RandomStream& stream);
  bool keep_some_sectors(const Operation& write, RandomStream& stream);
  void tear_after(const Operation& write, std::uint64_t sector_count);
  bool misplace_size(std::uint64_t size_before, std::uint64_t size_reached, RandomStream& stream);

  SparseBytes content_;
  SparseBytes durable_;
  std::deque<Operation> unsynced_;
  std::set<std::uint64_t> bad_sectors_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace gregor::sim
