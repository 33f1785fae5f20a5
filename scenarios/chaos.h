// The faults of a scenario, carried out: when each begins and ends, what it does to the world, what it costs the fault
// budget, and who starts the broker again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "properties/always/ghost_log.h"
#include "properties/history.h"
#include "scenarios/message_delays.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace gregor::scenarios {

/// Who must know what was done to the broker, and what only the owner of its lives knows.
struct ChaosWatch {
  UniqueFunction<void(properties::Death)> died;  ///< before the next life begins
  UniqueFunction<void()> flushes_lie;            ///< from now on
  UniqueFunction<bool()> ended_well;             ///< whether the life that ended by itself did so without error
  UniqueFunction<bool()> has_unopened;           ///< whether there are logs that it had not opened
  /// Whether the fault budget allows that now; where it does not, the fault is left out.
  UniqueFunction<bool(FaultKind)> is_legal = [](FaultKind) { return true; };
  UniqueFunction<void()> lost_power = [] {};                                ///< the machine, just now
  UniqueFunction<void()> lost_disk = [] {};                                 ///< it is empty, just now
  UniqueFunction<void(std::string_view)> rotted = [](std::string_view) {};  ///< a log's folder, one of several copies
  UniqueFunction<void()> leaves = [] {};                                    ///< the process ended, or is asked to
  UniqueFunction<void(bool)> may_halt = [](bool) {};                        ///< from now on, in each life, or no more
  /// What was decided of a fault whose time has come.
  UniqueFunction<void(const Fault&, bool)> struck = [](const Fault&, bool) {};
  /// The active controller, as far as somebody was elected.
  UniqueFunction<std::optional<sim::NodeIndex>()> controller = [] { return std::nullopt; };
};

class Chaos {
 public:
  /// All of them outlive the chaos. `broker` is the node that suffers what the scenario has for number `number`.
  Chaos(const Scenario& scenario, sim::World& world, sim::NodeIndex broker, properties::History& history,
        ChaosWatch watch, std::int32_t number = 1);
  ~Chaos();
  Chaos(const Chaos&) = delete;
  Chaos& operator=(const Chaos&) = delete;

  /// Lets the scenario's faults begin that name this broker, counted from now, and looks after it from now on.
  void begin();
  /// One that is aimed at a part which the broker plays now.
  void strike(const Fault& fault);
  /// Ends every fault that still lasts, but for a hung disk, messages held back and a node that is down: those end at
  /// their own time.
  void heal();
  /// Asks the broker to stop and starts it again when it has.
  void stop_and_restart();
  /// One of several: whoever runs the broker mends the disk, and starts the broker again to have it back. With one the
  /// broker ends by itself.
  void directory_failed();
  /// How often the broker was started again.
  [[nodiscard]] std::uint32_t restarts() const { return restarts_; }
  [[nodiscard]] bool healed() const { return age_ > 0; }
  /// The metadata log is damaged at this moment.
  [[nodiscard]] bool metadata_is_rotten() const { return rot_.has_value(); }

 private:
  struct Link {
    sim::NodeIndex from;
    sim::NodeIndex to;
  };
  void strike_process(const Fault& fault);
  void strike_disk(const Fault& fault);
  void strike_network(const Fault& fault);
  /// Which links a fault of the network cuts.
  [[nodiscard]] std::vector<Link> links_cut_by(FaultKind kind);
  [[nodiscard]] sim::NodeIndex draw_other();
  void slow_down_link(const Fault& fault);
  void cut_links(std::vector<Link> links, Milliseconds lasts);
  void lose_power(Milliseconds lasts);
  void lose_disk(Milliseconds lasts);
  void lie_until_power_fails(Milliseconds lasts);
  void leave_little_space(Nanoseconds lasts);
  void saw_rename(std::string_view to);
  void set_drift(std::int64_t nanoseconds_per_millisecond);
  [[nodiscard]] std::vector<std::string> durable_logs() const;
  void break_a_sector();
  void rot_a_bit(const Fault& fault);
  void rot_a_copy(bool while_down);
  void lose_indexes();
  void rot_metadata(Milliseconds lasts);
  void mend_metadata();
  void ended_by_itself();
  void blow_in_recovery(const Fault& fault, bool takes_power);
  void died(properties::Death death, Milliseconds lasts);
  void start_again();
  void look_after();
  void later(Nanoseconds wait, UniqueFunction<void()> call);
  void lost(std::string cause, bool certain);
  /// What nobody else has, and was not flushed, may be gone.
  void lost_unflushed(std::string cause);
  [[nodiscard]] bool is_up() const;

  /// A power loss that waits for its moment.
  struct Fuse {
    std::int64_t amount = 0;
    Milliseconds lasts{0};
  };
  struct Rot {
    std::string path;
    std::uint64_t at;
    std::uint64_t length;
    unsigned bit;
  };
  /// The bytes of each whole batch that its checksum covers, in the logs that are wanted.
  [[nodiscard]] std::vector<Rot> places_to_rot(bool of_metadata) const;
  /// One of them, drawn. None where nothing rotted.
  std::optional<Rot> rot_one_of(const std::vector<Rot>& places);

  const Scenario& scenario_;
  sim::World& world_;
  sim::NodeIndex broker_;
  std::int32_t number_;
  properties::History& history_;
  ChaosWatch watch_;
  RandomStream random_;
  properties::Death pending_ = properties::Death::none;
  std::uint64_t flush_failures_ = 0;  ///< up to the broker's last start
  bool writes_went_astray_ = false;
  bool lies_told_ = false;
  bool power_fails_at_end_ = false;  ///< of the life that was asked to stop
  bool down_on_purpose_ = false;
  bool clocks_drift_ = false;
  std::optional<Rot> rot_;
  std::optional<Fuse> swap_fuse_;
  std::optional<MessageDelays> delays_;  ///< where a fault wants them
  sim::SimTime chaos_ends_{};
  std::uint32_t restarts_ = 0;
  std::uint64_t age_ = 0;  ///< rises with heal(): ends of faults that began before do nothing
};

}  // namespace gregor::scenarios
