// Planted bugs. MUTANT(name) is the constant false in the production objects; in the mutants build (GREGOR_MUTANTS) it
// asks whether the run switched this bug on. A mutant is one branch: `if (MUTANT(skip_directory_fsync)) return {};`
// Names and what they break stand in base/mutant_table.h, one row each.
#pragma once

#ifdef GREGOR_MUTANTS
#include "base/mutant_table.h"
namespace gregor {
/// True when this run planted the bug; also counts that the branch was reached.
bool mutant_is_on(Mutant mutant);
}  // namespace gregor
#define MUTANT(name) (::gregor::mutant_is_on(::gregor::Mutant::name))
#else
#define MUTANT(name) false
#endif
