// The switches behind MUTANT(), for the one who plants the bugs. Only the mutants build has them.
#pragma once

#include "base/mutant_table.h"

namespace gregor {

void switch_mutants_off();
void switch_mutant_on(Mutant mutant);
/// How often the branch of a switched-on mutant was taken since switch_mutants_off().
unsigned long times_reached(Mutant mutant);

}  // namespace gregor
