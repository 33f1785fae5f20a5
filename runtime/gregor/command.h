// The commands of the program: one row each in main.cc, one file each beside this one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gregor::program {

/// What the shell sees. `wrong` means that nothing was touched: a wrong command line, setting, directory or port.
enum Exit : int { kExitGood = 0, kExitFailed = 1, kExitWrong = 2 };

/// The words behind the command's name.
using Arguments = std::span<const std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line, for --help
  int (*run)(Arguments arguments);
};

int run_broker(Arguments arguments);
int run_topic(Arguments arguments);
int run_produce(Arguments arguments);
int run_consume(Arguments arguments);
int run_group(Arguments arguments);
int run_config(Arguments arguments);
int run_cluster(Arguments arguments);
int run_log(Arguments arguments);
int run_judge(Arguments arguments);
int run_sim(Arguments arguments);

/// "gregor topic: no such topic" on standard error, as one line. Returns `exit`.
int complain(std::string_view command, std::string_view sentence, Exit exit);

}  // namespace gregor::program
