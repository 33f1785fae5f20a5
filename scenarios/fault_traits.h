// What is true of each kind of fault, in one table: its name in scenario files, and what it may cost the node it
// strikes.
#pragma once

#include <optional>
#include <string_view>

#include "scenarios/scenario.h"

namespace gregor::scenarios {

/// What a fault may cost the node that it strikes.
enum class FaultCost : unsigned char {
  nothing,
  life,     ///< the process, without the marker of a clean end; its disk keeps every completed write
  content,  ///< what was not flushed
  copy,     ///< a copy of some partition, and nobody may notice for long
  disk,     ///< everything that was on it
};

struct FaultTraits {
  FaultKind kind;
  std::string_view name;
  FaultCost cost = FaultCost::nothing;
  bool needs_a_life = false;  ///< it does nothing where no process lives
  bool may_halt = false;      ///< sooner or later the node halts over it: nobody should count on it any more
  bool keeps_away = false;    ///< the node lives, and others may take it for gone
};

const FaultTraits& traits_of(FaultKind kind);
/// Nothing where no kind is called so.
std::optional<FaultKind> fault_kind_of(std::string_view name);

}  // namespace gregor::scenarios
