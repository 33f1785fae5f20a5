// Which names are on the platter: what a sync of a directory makes durable, and what a power loss keeps of the rest.
#include <algorithm>
#include <set>
#include <vector>

#include "base/check.h"
#include "sim/name_tree.h"

namespace gregor::sim {
namespace {

/// A directory and a name in it, in order of first mention: comparable without comparing addresses by order.
template <class Value>
bool holds(const std::vector<Value>& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

template <class Edit>
void make_durable(const std::vector<Edit>& edits) {
  for (const Edit& edit : edits) {
    if (edit.target == nullptr) {
      edit.directory->durable_names.erase(edit.name);
    } else {
      edit.directory->durable_names[edit.name] = edit.target;
    }
  }
}

/// Visits each file that `names` of the tree reach, once, in order of path.
void show_durable_names(TreeNode& directory, std::vector<TreeNodeRef>& files) {
  directory.names = directory.durable_names;
  for (const auto& [name, node] : directory.names) {
    if (node->is_directory) {
      show_durable_names(*node, files);
    } else if (!holds(files, node)) {
      files.push_back(node);
    }
  }
}

}  // namespace

void NameTree::sync(const TreeNodeRef& directory, std::uint64_t up_to) {
  // A rename ties two directories together: what one needs, the other's earlier operations may need first.
  std::vector<TreeNodeRef> needed{directory};
  std::vector<bool> chosen(unsynced_.size(), false);
  for (std::size_t i = unsynced_.size(); i-- > 0;) {
    const Operation& operation = unsynced_[i];
    if (operation.sequence > up_to) continue;
    chosen[i] = std::any_of(operation.edits.begin(), operation.edits.end(),
                            [&](const Edit& edit) { return holds(needed, edit.directory); });
    if (!chosen[i]) continue;
    for (const Edit& edit : operation.edits) {
      if (!holds(needed, edit.directory)) needed.push_back(edit.directory);
    }
  }
  std::deque<Operation> left;
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    if (chosen[i]) {
      make_durable(unsynced_[i].edits);
    } else {
      left.push_back(std::move(unsynced_[i]));
    }
  }
  unsynced_ = std::move(left);
}

void NameTree::sync_all() {
  for (const Operation& operation : unsynced_) make_durable(operation.edits);
  unsynced_.clear();
}

Losses NameTree::choose_names(PowerLossContract contract, RandomStream& stream) {
  Losses losses;
  if (unsynced_.empty()) return losses;
  const std::uint64_t mode = stream.below(contract == PowerLossContract::ordered ? 3 : 4);
  const std::uint64_t prefix = mode == 0 ? unsynced_.size() : mode == 1 ? 0 : stream.below(unsynced_.size());
  std::vector<std::pair<TreeNodeRef, std::string>> undone;
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    const Operation& operation = unsynced_[i];
    const bool rests_on_undone = std::any_of(operation.edits.begin(), operation.edits.end(), [&](const Edit& edit) {
      return holds(undone, std::pair(edit.directory, edit.name));
    });
    const bool kept = mode == 3 ? !rests_on_undone && stream.chance(1, 2) : i < prefix;
    if (kept) {
      make_durable(operation.edits);
      continue;
    }
    ++losses.names_lost;
    for (const Edit& edit : operation.edits) undone.emplace_back(edit.directory, edit.name);
  }
  unsynced_.clear();
  return losses;
}

Losses NameTree::lose_power(PowerLossContract contract, RandomStream& stream) {
  Losses losses = choose_names(contract, stream);
  std::vector<TreeNodeRef> files;
  show_durable_names(*root_, files);
  for (const TreeNodeRef& file : files) {
    losses += file->body.lose_power(contract, stream);
    file->reserved_bytes = 0;
  }
  return losses;
}

}  // namespace gregor::sim
