#include "sim/disk_port.h"

#include <algorithm>
#include <cerrno>

namespace gregor::sim {
namespace {

class LockPort final : public env::DirectoryLock {
 public:
  LockPort(DiskPort& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~LockPort() override { disk_.unlock(path_); }

 private:
  DiskPort& disk_;
  std::string path_;
};

Error name_failure() {
  return {Errc::io, "the disk failed a directory operation", EIO};
}

}  // namespace

DiskPort::DiskPort(Engine& engine, Lane& lane, const NodeClock& clock, std::shared_ptr<DiskImage> image)
    : engine_(engine),
      lane_(lane),
      clock_(clock),
      image_(std::move(image)),
      time_stream_(engine.stream({"disk-time", lane.node, lane.incarnation, lane.shard})),
      fault_stream_(engine.stream({"disk-fault", lane.node, lane.incarnation, lane.shard})) {}

std::uint64_t DiskPort::holder() const {
  return (static_cast<std::uint64_t>(lane_.node) << 32) | lane_.incarnation;
}

void DiskPort::unlock(const std::string& path) {
  if (!lane_.dead) image_->unlock(path, holder());
}

bool DiskPort::strikes(Chance chance, FaultKind kind) {
  if (!chance.draw(fault_stream_)) return false;
  engine_.faults().fired_with_effect(kind);
  return true;
}

Nanoseconds DiskPort::draw_time(const Latency& law) {
  Nanoseconds wait = law.draw(time_stream_);
  if (strikes(image_->law().slow, FaultKind::slow_disk)) wait += image_->law().slow_by.draw(time_stream_);
  return wait;
}

void DiskPort::operate(env::Fiber& self, const Latency& law, UniqueFunction<std::uint64_t()> perform) {
  if (lane_.dead) {
    self.cancel();
    self.park();
  }
  const Nanoseconds wait = draw_time(law);
  const bool is_hung = image_->law().hung_until > engine_.now();
  if (!is_hung && image_->law().inline_finish.draw(time_stream_)) {
    engine_.record(lane_.node, lane_.shard, EventKind::disk_finished, perform());
    return;
  }
  InFlight operation{.fiber = &self, .perform = &perform};
  const std::uint64_t id = ++last_id_;
  in_flight_.emplace(id, &operation);
  engine_.after(wait, [this, id] { finish(id); });
  while (!operation.done) self.park_uncancellable();
}

void DiskPort::finish(std::uint64_t id) {
  const auto found = in_flight_.find(id);
  if (found == in_flight_.end()) return;
  if (image_->law().hung_until > engine_.now()) {
    engine_.faults().had_effect(FaultKind::hung_disk);
    engine_.at(image_->law().hung_until, [this, id] { finish(id); });
    return;
  }
  InFlight& operation = *found->second;
  in_flight_.erase(found);
  engine_.record(lane_.node, lane_.shard, EventKind::disk_finished, (*operation.perform)());
  operation.done = true;
  operation.fiber->wake();
}

void DiskPort::abandon_in_flight(RandomStream& stream) {
  for (auto& [id, operation] : in_flight_) {
    if (stream.chance(1, 2)) engine_.record(lane_.node, lane_.shard, EventKind::disk_finished, (*operation->perform)());
  }
  in_flight_.clear();
}

Result<std::unique_ptr<env::File>> DiskPort::open(env::Fiber& self, const std::string& path, env::OpenMode mode) {
  Result<TreeNodeRef> opened = fail(name_failure());
  operate(self, image_->law().names, [&]() -> std::uint64_t {
    if (strikes(image_->law().name_error, FaultKind::name_error)) return 1;
    opened = image_->names().find(path);
    const bool may_make = mode == env::OpenMode::create || mode == env::OpenMode::create_new;
    if (opened && mode == env::OpenMode::create_new) {
      opened = fail(Errc::exists, path + " exists", EEXIST);
    } else if (opened && (*opened)->is_directory) {
      opened = fail(Errc::invalid, path + " is a directory", EISDIR);
    } else if (!opened && may_make) {
      auto made = std::make_shared<TreeNode>(false);
      made->modified_ms = wall_ms();
      if (auto added = image_->names().add(path, made)) {
        opened = std::move(made);
      } else {
        opened = fail(added.error());
      }
    }
    return checksum_of(bytes_of(path)) + (opened ? 2 : 3);
  });
  if (!opened) return fail(opened.error());
  return std::make_unique<FilePort>(*this, std::move(*opened), mode != env::OpenMode::read_only);
}

Result<void> DiskPort::change_names(env::Fiber& self, UniqueFunction<Result<void>()> change) {
  Result<void> changed = fail(name_failure());
  operate(self, image_->law().names, [&]() -> std::uint64_t {
    if (strikes(image_->law().name_error, FaultKind::name_error)) return 1;
    changed = change();
    return changed ? 2 : 3;
  });
  return changed;
}

Result<void> DiskPort::rename(env::Fiber& self, const std::string& from, const std::string& to) {
  return change_names(self, [&] {
    auto renamed = image_->names().rename(from, to);
    if (renamed) image_->renamed(to);
    return renamed;
  });
}

Result<void> DiskPort::link(env::Fiber& self, const std::string& existing, const std::string& name) {
  return change_names(self, [&] { return image_->names().link(existing, name); });
}

Result<void> DiskPort::unlink(env::Fiber& self, const std::string& path) {
  return change_names(self, [&] { return image_->names().remove(path, false); });
}

Result<void> DiskPort::make_directory(env::Fiber& self, const std::string& path) {
  return change_names(self, [&] { return image_->names().add(path, std::make_shared<TreeNode>(true)); });
}

Result<void> DiskPort::remove_directory(env::Fiber& self, const std::string& path) {
  return change_names(self, [&] { return image_->names().remove(path, true); });
}

Result<void> DiskPort::sync_directory(env::Fiber& self, const std::string& path) {
  const std::uint64_t mark = image_->names().mark();
  Result<void> synced = fail(Errc::io, "fsync of " + path + " failed", EIO);
  operate(self, image_->law().sync, [&]() -> std::uint64_t {
    if (strikes(image_->law().sync_error, FaultKind::sync_error)) return 1;
    const Result<TreeNodeRef> directory = image_->names().find(path);
    if (!directory) {
      synced = fail(directory.error());
      return 3;
    }
    if (!strikes(image_->law().lying_sync, FaultKind::lying_sync)) image_->names().sync(*directory, mark);
    synced = {};
    return 2;
  });
  return synced;
}

Result<std::vector<std::string>> DiskPort::list(env::Fiber& self, const std::string& path) {
  Result<std::vector<std::string>> listed = fail(name_failure());
  operate(self, image_->law().names, [&]() -> std::uint64_t {
    if (strikes(image_->law().name_error, FaultKind::name_error)) return 1;
    const Result<TreeNodeRef> directory = image_->names().find(path);
    if (!directory) {
      listed = fail(directory.error());
    } else if (!(*directory)->is_directory) {
      listed = fail(Errc::invalid, path + " is no directory", ENOTDIR);
    } else {
      listed = std::vector<std::string>();
      for (const auto& [name, node] : (*directory)->names) listed->push_back(name);
    }
    return listed ? listed->size() + 4 : 3;
  });
  return listed;
}

Result<env::FileStatus> DiskPort::status(env::Fiber& self, const std::string& path) {
  Result<env::FileStatus> answer = fail(name_failure());
  operate(self, image_->law().names, [&]() -> std::uint64_t {
    if (strikes(image_->law().name_error, FaultKind::name_error)) return 1;
    const Result<TreeNodeRef> found = image_->names().find(path);
    if (!found) {
      answer = fail(found.error());
      return 3;
    }
    answer = env::FileStatus{(*found)->body.content().size(), (*found)->modified_ms, (*found)->is_directory};
    return answer->size + 4;
  });
  return answer;
}

Result<env::DiskSpace> DiskPort::space(env::Fiber& self, const std::string& path) {
  Result<env::DiskSpace> answer = fail(name_failure());
  operate(self, image_->law().names, [&]() -> std::uint64_t {
    const Result<TreeNodeRef> found = image_->names().find(path);
    if (!found) {
      answer = fail(found.error());
      return 3;
    }
    answer = env::DiskSpace{image_->law().capacity_bytes, image_->free_bytes()};
    return answer->usable_bytes;
  });
  return answer;
}

Result<std::unique_ptr<env::DirectoryLock>> DiskPort::lock(env::Fiber& self, const std::string& path) {
  TRY(open(self, path, env::OpenMode::create));
  if (!image_->lock(path, holder())) return fail(Errc::exists, path + " is locked by another process", EAGAIN);
  return std::make_unique<LockPort>(*this, path);
}

}  // namespace gregor::sim
