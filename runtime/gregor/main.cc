// gregor: the program. Picks the command; everything else is in the command's own file.
#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "runtime/gregor/command.h"

namespace gregor::program {
namespace {

constexpr Command kCommands[] = {
    {"broker", "run a broker: takes Kafka's server.properties and keys", run_broker},
    {"topic", "create, list, describe, alter and delete topics", run_topic},
    {"config", "show and change settings of topics, brokers, the cluster, groups", run_config},
    {"cluster", "start a cluster of this machine; show how any cluster stands", run_cluster},
    {"produce", "send lines of standard input as records", run_produce},
    {"consume", "print the records of a partition or topic", run_consume},
    {"group", "list, describe, delete groups and put them back or forth", run_group},
    {"sim", "live through simulated lives of the broker, seed by seed", run_sim},
    {"log", "look into log files: gregor log dump FILE|DIRECTORY", run_log},
    {"judge", "hold a recorded history of clients against what must hold", run_judge},
};

int print_help() {
  std::cout << "usage: gregor COMMAND [options]; gregor COMMAND --help tells more\n\n";
  for (const Command& command : kCommands) {
    std::cout << "  " << command.name << std::string(10 - command.name.size(), ' ') << command.summary << "\n";
  }
  std::cout << "\n  --version  the version of this program\n";
  return kExitGood;
}

int run(const std::vector<std::string>& words) {
  if (words.empty()) return complain("", "it wants a command; gregor --help lists them", kExitWrong);
  if (words.front() == "--help" || words.front() == "-h" || words.front() == "help") return print_help();
  if (words.front() == "--version") {
    std::cout << "gregor " << GREGOR_VERSION << "\n";
    return kExitGood;
  }
  const auto* command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                     [&](const Command& c) { return c.name == words.front(); });
  if (command == std::end(kCommands)) {
    return complain("", "there is no command '" + words.front() + "'; gregor --help lists them", kExitWrong);
  }
  return command->run(Arguments(words).subspan(1));
}

}  // namespace
}  // namespace gregor::program

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer or a reader that went away is an error of the write, not our end
  return gregor::program::run(std::vector<std::string>(argv + 1, argv + argc));
}
