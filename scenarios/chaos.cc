#include "scenarios/chaos.h"

#include <algorithm>
#include <utility>

#include "record/batch_view.h"
#include "scenarios/fault_traits.h"
#include "storage/topic_folder.h"

namespace gregor::scenarios {
namespace {

using properties::Death;
using sim::NodeState;

constexpr Milliseconds kLookEvery{20};
constexpr Milliseconds kPauseBeforeRestart{50};
constexpr Milliseconds kDirectoryIsMendedWithin{300};
constexpr std::uint64_t kFullDiskSlackBytes = 256;
constexpr Milliseconds kSpaceChangesEvery{3};

}  // namespace

Chaos::Chaos(const Scenario& scenario, sim::World& world, sim::NodeIndex broker, properties::History& history,
             ChaosWatch watch, std::int32_t number)
    : scenario_(scenario),
      world_(world),
      broker_(broker),
      number_(number),
      history_(history),
      watch_(std::move(watch)),
      random_(world_.stream("chaos", static_cast<std::uint64_t>(number - 1))) {
  world_.disk(broker_).watch_renames([this](std::string_view to) { saw_rename(to); });
  if (std::ranges::any_of(scenario_.faults, [](const Fault& f) { return f.kind == FaultKind::late_messages; }))
    delays_.emplace(world_, broker_);
}

Chaos::~Chaos() {
  world_.disk(broker_).watch_renames(nullptr);
}

void Chaos::begin() {
  chaos_ends_ = world_.now() + scenario_.chaos;
  for (const Fault& fault : scenario_.faults) {
    if (fault.broker != number_ || !fault.target.empty()) continue;
    world_.after(fault.at, [this, &fault, born = age_] {
      if (born == age_) strike(fault);
    });
  }
  look_after();
}

bool Chaos::is_up() const {
  const NodeState state = world_.state(broker_);
  return state == NodeState::running || state == NodeState::paused;
}

void Chaos::later(Nanoseconds wait, UniqueFunction<void()> call) {
  world_.after(wait, [this, born = age_, call = std::move(call)]() mutable {
    if (born == age_) call();
  });
}

void Chaos::lost(std::string cause, bool certain) {
  history_.losses.push_back({MonotonicTime{world_.now().time_since_epoch()}, std::move(cause), certain});
}

void Chaos::lost_unflushed(std::string cause) {
  const bool is_the_only_copy = scenario_.brokers == 1;
  if (is_the_only_copy && !scenario_.flush_before_acknowledge) lost(std::move(cause), false);
}

// Whoever runs a broker starts it again when it is down; so does this.
void Chaos::look_after() {
  if (!is_up() && !down_on_purpose_) ended_by_itself();
  world_.after(kLookEvery, [this] { look_after(); });
}

void Chaos::ended_by_itself() {
  const bool well = world_.state(broker_) == NodeState::stopped && watch_.ended_well();
  const bool machine_dies = std::exchange(power_fails_at_end_, false);
  if (machine_dies) {
    world_.lose_power(broker_);
    watch_.lost_power();
  }
  const bool costs_all = !well || watch_.has_unopened();
  died(!machine_dies         ? (well ? Death::clean : Death::process)
       : well && !lies_told_ ? Death::machine
                             : Death::power,
       kPauseBeforeRestart);
  if (machine_dies && costs_all) lost_unflushed("power loss at the end of a life");
}

void Chaos::died(Death death, Milliseconds lasts) {
  watch_.leaves();
  pending_ = std::max(pending_, death);
  down_on_purpose_ = true;
  world_.after(lasts, [this] { start_again(); });
}

void Chaos::start_again() {
  if (is_up()) return;
  const std::uint64_t failures = world_.faults().of(sim::FaultKind::sync_error).fired;
  if (std::exchange(flush_failures_, failures) != failures && pending_ != Death::clean && pending_ != Death::machine) {
    pending_ = std::max(pending_, Death::power);
    lost_unflushed("a flush failed and dropped its dirty pages");
  }
  // Recovery reads what is on the platter: a write that went astray is missed after any end of a life.
  if (lies_told_ && (pending_ >= Death::power || writes_went_astray_)) {
    pending_ = Death::damage;
    lost("flushes had lied", true);
  }
  watch_.died(std::exchange(pending_, Death::none));
  down_on_purpose_ = false;
  ++restarts_;
  world_.restart(broker_);
}

void Chaos::stop_and_restart() {
  if (!is_up()) return;
  watch_.leaves();
  world_.stop(broker_);
}

void Chaos::directory_failed() {
  if (scenario_.log_directories == 1) return;
  world_.after(kDirectoryIsMendedWithin, [this, life = restarts_] {
    if (life != restarts_ || !is_up()) return;
    world_.crash(broker_);
    died(Death::process, kPauseBeforeRestart);
  });
}

void Chaos::lose_power(Milliseconds lasts) {
  world_.lose_power(broker_);
  watch_.lost_power();
  lost_unflushed("power loss");
  died(Death::power, lasts);
}

void Chaos::lose_disk(Milliseconds lasts) {
  world_.crash(broker_);
  world_.wipe_disk(broker_);
  rot_.reset();
  watch_.lost_disk();
  died(Death::replaced, lasts);
}

void Chaos::strike(const Fault& fault) {
  const bool is_legal = watch_.is_legal(fault.kind);
  watch_.struck(fault, is_legal);
  if (!is_legal) return;
  if (traits_of(fault.kind).may_halt) {
    watch_.may_halt(true);
    later(fault.lasts, [this] { watch_.may_halt(false); });
  }
  strike_process(fault);
  strike_disk(fault);
  strike_network(fault);
}

void Chaos::strike_process(const Fault& fault) {
  if (!is_up() && fault.kind != FaultKind::clock_jump && fault.kind != FaultKind::clock_drift) return;
  switch (fault.kind) {
    case FaultKind::crash:
      world_.crash(broker_);
      return died(Death::process, fault.lasts);
    case FaultKind::power_loss:
      return lose_power(fault.lasts);
    case FaultKind::wiped_disk:
      return lose_disk(fault.lasts);
    case FaultKind::crash_in_recovery:
      return blow_in_recovery(fault, false);
    case FaultKind::power_loss_in_recovery:
      return blow_in_recovery(fault, true);
    case FaultKind::stop_cleanly:
      power_fails_at_end_ = fault.amount != 0;
      return stop_and_restart();
    case FaultKind::stop_while_flushes_fail:
      world_.disk(broker_).law().sync_error = sim::Chance::one_in(fault.amount);
      world_.disk(broker_).law().sync_error_drops_content = sim::Chance::one_in(2);
      power_fails_at_end_ = true;
      stop_and_restart();
      return later(fault.lasts, [this] { world_.disk(broker_).law().sync_error = {}; });
    case FaultKind::pause:
      world_.pause(broker_);
      return later(fault.lasts, [this] {
        if (world_.state(broker_) == NodeState::paused) world_.resume(broker_);
      });
    case FaultKind::clock_jump:
      return world_.jump_wall_clock(broker_, Milliseconds(fault.amount));
    case FaultKind::clock_drift:
      set_drift(fault.amount);
      return later(fault.lasts, [this] { set_drift(0); });
    default:
      return;
  }
}

void Chaos::set_drift(std::int64_t nanoseconds_per_millisecond) {
  if (nanoseconds_per_millisecond == 0 && !clocks_drift_) return;
  clocks_drift_ = nanoseconds_per_millisecond != 0;
  world_.set_drift(broker_, nanoseconds_per_millisecond);
}

// The second blow falls into the start-up.
void Chaos::blow_in_recovery(const Fault& fault, bool takes_power) {
  lose_power(fault.lasts);
  later(fault.lasts, [this, wait = fault.amount, takes_power] {
    later(std::chrono::microseconds(wait), [this, takes_power] {
      if (!is_up() || !watch_.is_legal(takes_power ? FaultKind::power_loss : FaultKind::crash)) return;
      if (takes_power) return lose_power(kPauseBeforeRestart);
      world_.crash(broker_);
      died(Death::process, kPauseBeforeRestart);
    });
  });
}

void Chaos::strike_disk(const Fault& fault) {
  sim::DiskLaw& law = world_.disk(broker_).law();
  switch (fault.kind) {
    case FaultKind::slow_disk:
      law.slow = sim::kAlways;
      law.slow_by = {
          .base = Nanoseconds(0), .spread = Milliseconds(fault.amount), .tail_chance = {}, .tail = Nanoseconds(0)};
      return later(fault.lasts, [this] { world_.disk(broker_).law().slow = {}; });
    case FaultKind::hung_disk:
      return world_.hang_disk(broker_, fault.lasts);
    case FaultKind::disk_full:
      law.capacity_bytes = world_.disk(broker_).used_bytes() + kFullDiskSlackBytes;
      if (fault.amount != 0) leave_little_space(fault.lasts);
      return later(fault.lasts, [this] { world_.disk(broker_).law().capacity_bytes = sim::DiskLaw{}.capacity_bytes; });
    case FaultKind::fail_writes:
      law.write_error = sim::Chance::one_in(fault.amount);
      return later(fault.lasts, [this] { world_.disk(broker_).law().write_error = {}; });
    case FaultKind::short_writes:
      law.short_write = sim::Chance::one_in(fault.amount);
      return later(fault.lasts, [this] { world_.disk(broker_).law().short_write = {}; });
    case FaultKind::fail_reads:
      law.read_error = sim::Chance::one_in(fault.amount);
      return later(fault.lasts, [this] { world_.disk(broker_).law().read_error = {}; });
    case FaultKind::fail_flushes:
      law.sync_error = sim::Chance::one_in(fault.amount);
      law.sync_error_drops_content = sim::Chance::one_in(2);
      return later(fault.lasts, [this] { world_.disk(broker_).law().sync_error = {}; });
    case FaultKind::lying_flush:
      law.lying_sync = sim::kAlways;
      return lie_until_power_fails(fault.lasts);
    case FaultKind::lost_writes:
      law.lost_write = law.misdirected_write = sim::Chance::one_in(fault.amount);
      writes_went_astray_ = true;
      return lie_until_power_fails(fault.lasts);
    case FaultKind::power_loss_in_swap:
      swap_fuse_ = Fuse{.amount = fault.amount, .lasts = fault.lasts};
      return;
    case FaultKind::bad_sector:
      break_a_sector();
      return later(fault.lasts, [this] { world_.disk(broker_).mend_sectors(); });
    case FaultKind::bit_rot:
      return rot_a_bit(fault);
    case FaultKind::lost_indexes:
      return lose_indexes();
    case FaultKind::metadata_rot:
      return rot_metadata(fault.lasts);
    default:
      return;
  }
}

void Chaos::lie_until_power_fails(Milliseconds lasts) {
  lies_told_ = true;
  watch_.flushes_lie();
  later(lasts, [this] {
    sim::DiskLaw& law = world_.disk(broker_).law();
    law.lying_sync = law.lost_write = law.misdirected_write = {};
    if (is_up()) lose_power(kPauseBeforeRestart);
  });
}

// Others write and delete on the same disk: what is left changes all the time, and is never enough for long.
void Chaos::leave_little_space(Nanoseconds lasts) {
  sim::DiskImage& disk = world_.disk(broker_);
  disk.law().capacity_bytes = disk.used_bytes() + random_.below(kFullDiskSlackBytes);
  if (lasts > kSpaceChangesEvery) {
    later(kSpaceChangesEvery, [this, rest = lasts - kSpaceChangesEvery] { leave_little_space(rest); });
  }
}

// Compaction renames the log it has made to .swap: from then on the old segments go. Where logs move between
// directories, a folder goes that is renamed to -delete.
void Chaos::saw_rename(std::string_view to) {
  const bool is_swap = to.ends_with(".log.swap") || (scenario_.directory_clients > 0 && to.ends_with("-delete"));
  if (!swap_fuse_ || !is_swap) return;
  const Fuse fuse = *std::exchange(swap_fuse_, std::nullopt);
  const std::int64_t wait_us = random_.between(0, fuse.amount);
  later(std::chrono::microseconds(wait_us), [this, lasts = fuse.lasts] {
    if (is_up() && watch_.is_legal(FaultKind::power_loss)) lose_power(lasts);
  });
}

/// Paths of the log files that hold something, sorted.
std::vector<std::string> Chaos::durable_logs() const {
  const sim::DiskImage& disk = world_.disk(broker_);
  std::vector<std::string> logs;
  for (std::string& path : disk.durable_file_paths()) {
    const auto content = disk.durable_content_of(path);
    if (path.ends_with(".log") && content && !content->empty()) logs.push_back(std::move(path));
  }
  return logs;
}

void Chaos::break_a_sector() {
  sim::DiskImage& disk = world_.disk(broker_);
  const std::vector<std::string> logs = durable_logs();
  if (logs.empty()) return;
  const std::string& path = logs[random_.below(logs.size())];
  const std::uint64_t size = disk.durable_content_of(path)->size();
  const std::uint64_t sector = random_.below((size + sim::kSectorBytes - 1) / sim::kSectorBytes);
  if (disk.break_sector(path, sector)) world_.faults().fired(sim::FaultKind::bad_sector);
}

// One bit of one durable byte of a log file, while nobody looks: the only copy is damaged, so anything after it may go.
void Chaos::rot_a_bit(const Fault& fault) {
  if (!is_up()) return;
  if (scenario_.brokers > 1) return rot_a_copy(fault.amount == 0);
  world_.crash(broker_);
  std::vector<std::string> logs = durable_logs();
  std::erase_if(logs, [](const std::string& path) { return path.find("__cluster_metadata") != std::string::npos; });
  if (!logs.empty()) {
    const std::string& path = logs[random_.below(logs.size())];
    const std::uint64_t at = random_.below(world_.disk(broker_).durable_content_of(path)->size());
    const auto bit = static_cast<unsigned>(random_.below(8));
    if (world_.disk(broker_).rot(path, at, bit)) lost("bit rot in " + path, true);
    watch_.flushes_lie();
  }
  died(Death::damage, kPauseBeforeRestart);
}

// An index may be made again from its log at any time, so none of this costs anything but work.
void Chaos::lose_indexes() {
  if (!is_up()) return;
  world_.crash(broker_);
  sim::DiskImage& disk = world_.disk(broker_);
  for (const std::string& path : disk.file_paths()) {
    const bool is_index = path.ends_with(".index") || path.ends_with(".timeindex");
    const std::uint64_t fate = random_.below(4);
    if (!is_index || fate < 2) continue;
    const ByteBuffer content = *disk.content_of(path);
    // Within an entry: what is cut between two passes for an index that ends there, in Kafka too.
    const std::uint64_t kept = content.empty() ? 0 : random_.below(content.size()) | 1;
    if (fate == 2) disk.put_file(path, Bytes(content).first(std::min<std::uint64_t>(kept, content.size())));
    if (fate == 3) disk.remove_file(path);
  }
  died(Death::process, kPauseBeforeRestart);
}

// One bit of a committed metadata batch that others stand behind: a node that looks must refuse to start.
void Chaos::rot_metadata(Milliseconds lasts) {
  if (!is_up() || rot_) return;
  world_.crash(broker_);
  died(Death::process, kPauseBeforeRestart);
  rot_ = rot_one_of(places_to_rot(true));
  if (rot_) later(lasts + kPauseBeforeRestart, [this] { mend_metadata(); });
}

std::vector<Chaos::Rot> Chaos::places_to_rot(bool of_metadata) const {
  sim::DiskImage& disk = world_.disk(broker_);
  std::vector<Rot> places;
  for (const std::string& path : disk.durable_file_paths()) {
    const bool is_metadata = path.find("__cluster_metadata-0/") != std::string::npos;
    if (is_metadata != of_metadata || !path.ends_with(".log")) continue;
    if (!disk.content_of(path)) continue;  // removed, and only the platter does not know yet
    const auto content = disk.durable_content_of(path);
    std::uint64_t at = 0;
    for (auto batch = record::BatchView::parse(*content); batch;
         batch = record::BatchView::parse(Bytes(*content).subspan(at))) {
      const std::uint64_t covered = at + record::kAttributesAt;
      at += batch->size();
      if (at < content->size()) places.push_back({path, covered, at - covered, 0});
    }
  }
  return places;
}

std::optional<Chaos::Rot> Chaos::rot_one_of(const std::vector<Rot>& places) {
  if (places.empty()) return std::nullopt;
  Rot rot = places[random_.below(places.size())];
  rot.at += random_.below(rot.length);
  rot.bit = static_cast<unsigned>(random_.below(8));
  return world_.disk(broker_).rot(rot.path, rot.at, rot.bit) ? std::optional(rot) : std::nullopt;
}

/// Others have the records: what the broker finds out is to cost nobody anything.
void Chaos::rot_a_copy(bool while_down) {
  if (while_down) world_.crash(broker_);
  if (const auto rot = rot_one_of(places_to_rot(false))) {
    const std::string path = rot->path.substr(0, rot->path.rfind('/'));
    const auto folder = storage::parse_folder_name(std::string_view(path).substr(path.rfind('/') + 1));
    using storage::FolderStage;
    const bool counts = folder && (folder->stage == FolderStage::live || folder->stage == FolderStage::future);
    if (counts) watch_.rotted(storage::folder_name(folder->topic, folder->partition));  // a copy may take its place
  }
  if (while_down) died(Death::process, kPauseBeforeRestart);
}

void Chaos::mend_metadata() {
  if (!rot_) return;
  if (is_up()) {
    world_.crash(broker_);
    died(Death::process, kPauseBeforeRestart);
  }
  // Where a broker cut the damage off there is nothing to mend, and the ghost log tells what went with it.
  static_cast<void>(world_.disk(broker_).rot(rot_->path, rot_->at, rot_->bit));
  rot_.reset();
}

void Chaos::heal() {
  ++age_;
  swap_fuse_.reset();
  mend_metadata();
  sim::DiskLaw& law = world_.disk(broker_).law();
  law.slow = law.write_error = law.short_write = law.read_error = law.sync_error = law.lying_sync = {};
  law.lost_write = law.misdirected_write = {};
  law.capacity_bytes = sim::DiskLaw{}.capacity_bytes;
  world_.disk(broker_).mend_sectors();
  set_drift(0);
  sim::NetworkLaw& network = world_.network().law();
  network.one_way.tail_chance = network.short_read = network.short_send = network.resolve_failed = {};
  world_.network().heal_all();
  if (delays_) delays_->end();
  if (world_.state(broker_) == NodeState::paused) world_.resume(broker_);
  power_fails_at_end_ = false;
}

}  // namespace gregor::scenarios
