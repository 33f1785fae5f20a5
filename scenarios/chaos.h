// The faults of a scenario, carried out: when each begins and ends, what it does to the world, what it costs the fault
// budget, and who starts the broker again. Everything is healed by heal().
#pragma once

#include <string>

#include "properties/always/ghost_log.h"
#include "properties/history.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace gregor::scenarios {

class Chaos {
 public:
  /// All of them outlive the chaos. `broker` is the node that suffers.
  Chaos(const Scenario& scenario, sim::World& world, sim::NodeIndex broker, properties::GhostLog& ghost,
        properties::History& history);

  /// Lets the scenario's faults begin, counted from now, and looks after the broker from now on.
  void begin();
  /// Ends every fault that still lasts; the broker is started again if it is down.
  void heal();
  /// Asks the broker to stop and starts it again when it has.
  void stop_and_restart();
  /// How often the broker was started again.
  [[nodiscard]] std::uint32_t restarts() const { return restarts_; }
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  void strike(const Fault& fault);
  void strike_process(const Fault& fault);
  void strike_disk(const Fault& fault);
  void strike_network(const Fault& fault);
  void lose_power(Milliseconds lasts);
  void rot_a_bit();
  void died(properties::Death death, Milliseconds lasts);
  void start_again();
  void look_after();
  void later(Milliseconds wait, UniqueFunction<void()> call);
  void lost(std::string cause, bool certain);
  [[nodiscard]] bool is_up() const;

  const Scenario& scenario_;
  sim::World& world_;
  sim::NodeIndex broker_;
  properties::GhostLog& ghost_;
  properties::History& history_;
  RandomStream random_;
  properties::Death pending_ = properties::Death::none;
  bool flush_failures_ = false;  ///< since the broker's last start: dirty pages may be gone
  bool flush_lies_ = false;
  bool stopping_ = false;
  bool down_on_purpose_ = false;
  std::uint32_t restarts_ = 0;
  std::uint64_t age_ = 0;  ///< rises with heal(): ends of faults that began before do nothing
};

}  // namespace gregor::scenarios
