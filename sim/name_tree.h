// Directories and names of a simulated disk, twice: as the system shows them and as they are on the platter; between
// the two stands the ordered list of name operations that no sync of a directory covered. A rename is one operation: a
// power loss leaves the old name or the new, never both and never none.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "sim/file_body.h"

namespace gregor::sim {

/// A file or a directory: what a name leads to.
struct TreeNode {
  using Names = std::map<std::string, std::shared_ptr<TreeNode>>;

  explicit TreeNode(bool directory) : is_directory(directory) {}
  bool is_directory;
  std::int64_t modified_ms = 0;
  FileBody body;                     ///< of a file
  std::uint64_t reserved_bytes = 0;  ///< of a file
  Names names;                       ///< of a directory, as shown
  Names durable_names;               ///< of a directory, as on the platter
};
using TreeNodeRef = std::shared_ptr<TreeNode>;

class NameTree {
 public:
  NameTree() : root_(std::make_shared<TreeNode>(true)) {}
  [[nodiscard]] const TreeNodeRef& root() const { return root_; }

  /// Errors: not_found.
  [[nodiscard]] Result<TreeNodeRef> find(std::string_view path) const;
  /// As after a power loss that kept nothing unsynced.
  [[nodiscard]] TreeNodeRef find_durable(std::string_view path) const;

  /// Errors: not_found (its directory), exists.
  Result<void> add(std::string_view path, TreeNodeRef node);
  /// Errors: not_found, invalid (a directory over a file or the reverse, or into itself), exists (directory not empty).
  Result<void> rename(std::string_view from, std::string_view to);
  Result<void> link(std::string_view existing, std::string_view name);
  /// `directory`: which of the two is meant to be removed. Errors: not_found, invalid, exists (directory not empty).
  Result<void> remove(std::string_view path, bool directory);

  /// Names the operations so far.
  [[nodiscard]] std::uint64_t mark() const { return last_sequence_; }
  /// Makes the operations on this directory up to the mark durable, with all that they rest on.
  void sync(const TreeNodeRef& directory, std::uint64_t up_to);
  void sync_all();
  /// Keeps a legal part of the unsynced names; then does the same with each file that can still be reached.
  Losses lose_power(PowerLossContract contract, RandomStream& stream);

 private:
  struct Edit {
    TreeNodeRef directory;
    std::string name;
    TreeNodeRef target;  ///< null: removed
  };
  struct Operation {
    std::uint64_t sequence;
    std::vector<Edit> edits;
  };
  struct Place {
    TreeNodeRef directory;
    std::string name;
  };
  [[nodiscard]] Result<Place> place_of(std::string_view path) const;
  void perform(std::vector<Edit> edits);
  Losses choose_names(PowerLossContract contract, RandomStream& stream);

  TreeNodeRef root_;
  std::deque<Operation> unsynced_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace gregor::sim
