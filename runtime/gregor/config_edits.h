// Settings on a command line as edits: KEY=VALUE sets, KEY+=VALUE adds to a list, KEY-=VALUE takes from it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "client/admin.h"
#include "runtime/gregor/options.h"

namespace gregor::program {

/// Adds --set and --delete, both any number of times.
void add_edit_options(Syntax& syntax);
/// In the order of the line: those of --set, then those of --delete. Errors: invalid, naming what is no setting.
Result<std::vector<client::ConfigEdit>> read_edits(const Values& values);

}  // namespace gregor::program
