#include "sim/disk_image.h"

#include <algorithm>

#include "base/check.h"
#include "env/disk.h"
#include "sim/trace.h"

namespace gregor::sim {
namespace {

template <class Visit>
void visit_files(const TreeNode& directory, TreeNode::Names TreeNode::*names, const std::string& prefix, Visit& visit) {
  for (const auto& [name, node] : directory.*names) {
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    if (node->is_directory) {
      visit_files(*node, names, path, visit);
    } else {
      visit(path, *node);
    }
  }
}

std::vector<std::string> paths_of(const TreeNode& root, TreeNode::Names TreeNode::*names) {
  std::vector<std::string> paths;
  auto add = [&](const std::string& path, const TreeNode&) { paths.push_back(path); };
  visit_files(root, names, "", add);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::uint64_t DiskImage::used_bytes() const {
  std::uint64_t used = 0;
  auto add = [&](const std::string&, const TreeNode& file) {
    used += std::max(file.body.content().size(), file.reserved_bytes);
  };
  visit_files(*names_.root(), &TreeNode::names, "", add);
  return used;
}

std::uint64_t DiskImage::free_bytes() const {
  const std::uint64_t used = used_bytes();
  return used >= law_.capacity_bytes ? 0 : law_.capacity_bytes - used;
}

Losses DiskImage::lose_power(RandomStream& stream) {
  locks_.clear();
  return names_.lose_power(law_.contract, stream);
}

void DiskImage::wipe() {
  locks_.clear();
  names_ = NameTree();
}

void DiskImage::put_file(std::string_view path, Bytes content) {
  for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const auto made = names_.add(path.substr(0, slash), std::make_shared<TreeNode>(true));
    CHECK(made || made.error().code == Errc::exists);
  }
  auto file = std::make_shared<TreeNode>(false);
  file->body.write(0, content);
  file->body.sync(file->body.mark());
  if (names_.find(path)) CHECK(names_.remove(path, false).has_value());
  CHECK(names_.add(path, std::move(file)).has_value());
  names_.sync_all();
}

void DiskImage::remove_file(std::string_view path) {
  CHECK(names_.remove(path, false).has_value());
  names_.sync_all();
}

std::optional<ByteBuffer> DiskImage::content_of(std::string_view path) const {
  const auto found = names_.find(path);
  if (!found || (*found)->is_directory) return std::nullopt;
  return (*found)->body.content().copy();
}

std::optional<ByteBuffer> DiskImage::durable_content_of(std::string_view path) const {
  const TreeNodeRef found = names_.find_durable(path);
  if (found == nullptr || found->is_directory) return std::nullopt;
  return found->body.durable().copy();
}

std::vector<std::string> DiskImage::file_paths() const {
  return paths_of(*names_.root(), &TreeNode::names);
}
std::vector<std::string> DiskImage::durable_file_paths() const {
  return paths_of(*names_.root(), &TreeNode::durable_names);
}

std::uint64_t DiskImage::checksum() const {
  std::uint64_t sum = 0;
  auto add = [&](const std::string& path, const TreeNode& file) {
    sum = hash_name(path, sum ^ checksum_of(file.body.content().copy()));
  };
  visit_files(*names_.root(), &TreeNode::names, "", add);
  return sum;
}

bool DiskImage::rot(std::string_view path, std::uint64_t at, unsigned bit) {
  const auto found = names_.find(path);
  if (!found || (*found)->is_directory || at >= (*found)->body.durable().size()) return false;
  (*found)->body.rot(at, bit);
  return true;
}

bool DiskImage::break_sector(std::string_view path, std::uint64_t sector) {
  const auto found = names_.find(path);
  if (!found || (*found)->is_directory || sector * kSectorBytes >= (*found)->body.durable().size()) return false;
  (*found)->body.break_sector(sector);
  return true;
}

void DiskImage::mend_sectors() {
  for (const std::string& path : file_paths()) (*names_.find(path))->body.mend_sectors();
}

bool DiskImage::lock(const std::string& path, std::uint64_t holder) {
  return locks_.emplace(path, holder).second;
}

void DiskImage::unlock(const std::string& path, std::uint64_t holder) {
  if (const auto found = locks_.find(path); found != locks_.end() && found->second == holder) locks_.erase(found);
}

void DiskImage::unlock_all() {
  locks_.clear();
}

}  // namespace gregor::sim
