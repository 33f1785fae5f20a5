#include "sim/name_tree.h"

#include <algorithm>
#include <set>

namespace gregor::sim {
namespace {

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

bool is_below(const TreeNodeRef& node, const TreeNodeRef& ancestor) {
  if (node == ancestor) return true;
  return std::any_of(ancestor->names.begin(), ancestor->names.end(),
                     [&](const auto& entry) { return entry.second->is_directory && is_below(node, entry.second); });
}

Error missing(std::string_view path) {
  return {Errc::not_found, std::string(path) + " does not exist", ENOENT};
}

}  // namespace

Result<TreeNodeRef> NameTree::find(std::string_view path) const {
  TreeNodeRef node = root_;
  for (const std::string& part : parts_of(path)) {
    const auto found = node->names.find(part);
    if (found == node->names.end()) return fail(missing(path));
    node = found->second;
  }
  return node;
}

TreeNodeRef NameTree::find_durable(std::string_view path) const {
  TreeNodeRef node = root_;
  for (const std::string& part : parts_of(path)) {
    const auto found = node->durable_names.find(part);
    if (found == node->durable_names.end()) return nullptr;
    node = found->second;
  }
  return node;
}

Result<NameTree::Place> NameTree::place_of(std::string_view path) const {
  std::vector<std::string> parts = parts_of(path);
  if (parts.empty()) return fail(Errc::invalid, "the root directory has no place of its own", EINVAL);
  Place place{root_, std::move(parts.back())};
  parts.pop_back();
  for (const std::string& part : parts) {
    const auto found = place.directory->names.find(part);
    if (found == place.directory->names.end() || !found->second->is_directory) return fail(missing(path));
    place.directory = found->second;
  }
  return place;
}

void NameTree::perform(std::vector<Edit> edits) {
  for (const Edit& edit : edits) {
    if (edit.target == nullptr) {
      edit.directory->names.erase(edit.name);
    } else {
      edit.directory->names[edit.name] = edit.target;
    }
  }
  unsynced_.push_back({++last_sequence_, std::move(edits)});
}

Result<void> NameTree::add(std::string_view path, TreeNodeRef node) {
  TRY_ASSIGN(Place place, place_of(path));
  if (place.directory->names.contains(place.name)) return fail(Errc::exists, std::string(path) + " exists", EEXIST);
  perform({{place.directory, place.name, std::move(node)}});
  return {};
}

Result<void> NameTree::rename(std::string_view from, std::string_view to) {
  TRY_ASSIGN(TreeNodeRef moved, find(from));
  TRY_ASSIGN(Place source, place_of(from));
  TRY_ASSIGN(Place target, place_of(to));
  if (moved->is_directory && is_below(target.directory, moved)) {
    return fail(Errc::invalid, std::string(from) + " cannot move into itself", EINVAL);
  }
  if (const auto there = target.directory->names.find(target.name); there != target.directory->names.end()) {
    if (there->second == moved) return {};
    if (there->second->is_directory != moved->is_directory) {
      return fail(Errc::invalid, std::string(to) + " is of another kind", moved->is_directory ? ENOTDIR : EISDIR);
    }
    if (!there->second->names.empty()) return fail(Errc::exists, std::string(to) + " is not empty", ENOTEMPTY);
  }
  perform({{source.directory, source.name, nullptr}, {target.directory, target.name, moved}});
  return {};
}

Result<void> NameTree::link(std::string_view existing, std::string_view name) {
  TRY_ASSIGN(TreeNodeRef node, find(existing));
  if (node->is_directory) return fail(Errc::invalid, std::string(existing) + " is a directory", EPERM);
  return add(name, std::move(node));
}

Result<void> NameTree::remove(std::string_view path, bool directory) {
  TRY_ASSIGN(TreeNodeRef node, find(path));
  TRY_ASSIGN(Place place, place_of(path));
  if (node->is_directory != directory) {
    return fail(Errc::invalid, std::string(path) + (directory ? " is no directory" : " is a directory"),
                directory ? ENOTDIR : EISDIR);
  }
  if (!node->names.empty()) return fail(Errc::exists, std::string(path) + " is not empty", ENOTEMPTY);
  perform({{place.directory, place.name, nullptr}});
  return {};
}

}  // namespace gregor::sim
