#include "base/mutant.h"

#ifdef GREGOR_MUTANTS
#include "base/mutant_switch.h"

namespace gregor {
namespace {

// The one mutable static of the repository: it exists in the mutants build alone, is set between runs and never hashed.
std::array<bool, kMutants.size()> switched_on{};
std::array<unsigned long, kMutants.size()> reached{};

}  // namespace

bool mutant_is_on(Mutant mutant) {
  const auto index = static_cast<std::size_t>(mutant);
  if (!switched_on[index]) return false;
  ++reached[index];
  return true;
}

void switch_mutants_off() {
  switched_on.fill(false);
  reached.fill(0);
}
void switch_mutant_on(Mutant mutant) {
  switched_on[static_cast<std::size_t>(mutant)] = true;
}
unsigned long times_reached(Mutant mutant) {
  return reached[static_cast<std::size_t>(mutant)];
}

}  // namespace gregor
#endif
