// The ways in which a scenario can be made a little simpler, from the one that takes most away to the one that takes
// least. Each gives a scenario that a file may hold: in its ranges, its faults within its chaos and aimed at its nodes.
#pragma once

#include <vector>

#include "scenarios/scenario.h"

namespace gregor::scenarios {

/// Without the clients, topics, settings, nodes and chaos that can be spared; its faults stay as they are.
std::vector<Scenario> with_less_around(const Scenario& scenario);
/// With faults that last shorter, do less and come at rounder times.
std::vector<Scenario> with_rounder_faults(const Scenario& scenario);

}  // namespace gregor::scenarios
