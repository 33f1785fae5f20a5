// One simulated disk: names, bytes, what of them is durable, and the law it behaves by. It outlives processes, machines
// and worlds: whoever holds it may start another world on what is left. No time passes here; sim/disk_port.h gives a
// node its env::Disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "sim/disk_law.h"
#include "sim/name_tree.h"

namespace gregor::sim {

class DiskImage {
 public:
  explicit DiskImage(DiskLaw law = {}) : law_(law) {}

  [[nodiscard]] DiskLaw& law() { return law_; }
  [[nodiscard]] NameTree& names() { return names_; }
  [[nodiscard]] const NameTree& names() const { return names_; }

  /// Bytes held by files that have a name, durable or not.
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] std::uint64_t free_bytes() const;

  /// Keeps what the law's contract allows. Open files of before must not be used after.
  Losses lose_power(RandomStream& stream);
  /// A new, empty disk of the same law.
  void wipe();

  // For tests, checkers and fault injectors, none of which take simulated time.
  /// Makes a durable file with this content, and its directories.
  void put_file(std::string_view path, Bytes content);
  /// The same for the absence of a file that is there.
  void remove_file(std::string_view path);
  /// What a read of the whole file would see; none when there is no such file.
  [[nodiscard]] std::optional<ByteBuffer> content_of(std::string_view path) const;
  /// What would be there if the power failed now and nothing unsynced survived; none when not even the name would.
  [[nodiscard]] std::optional<ByteBuffer> durable_content_of(std::string_view path) const;
  /// Paths of all files, sorted, without a leading slash.
  [[nodiscard]] std::vector<std::string> file_paths() const;
  [[nodiscard]] std::vector<std::string> durable_file_paths() const;
  /// Every path and its bytes as shown: equal images hold equal files.
  [[nodiscard]] std::uint64_t checksum() const;
  /// Flips one bit of durable bytes. False when the file or the byte is not there.
  bool rot(std::string_view path, std::uint64_t at, unsigned bit);
  /// Reads that touch this sector of durable bytes fail until it is written again. False when it is not there.
  bool break_sector(std::string_view path, std::uint64_t sector);
  /// Every broken sector of a file that has a name shows again what it holds.
  void mend_sectors();

  /// Tells of the new name of whatever is renamed from now on, by those who use the disk; null: nobody.
  void watch_renames(std::function<void(std::string_view)> watch) { rename_watch_ = std::move(watch); }
  void renamed(std::string_view to) const {
    if (rename_watch_) rename_watch_(to);
  }

  /// Locks die with their holder. False when someone holds it.
  bool lock(const std::string& path, std::uint64_t holder);
  void unlock(const std::string& path, std::uint64_t holder);
  void unlock_all();

 private:
  DiskLaw law_;
  NameTree names_;
  std::function<void(std::string_view)> rename_watch_;
  std::map<std::string, std::uint64_t> locks_;
};

}  // namespace gregor::sim
