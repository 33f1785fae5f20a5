// The built program as a child process: its arguments, its streams, its end.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace gregor::program {

/// How long a test waits for a child to say something or to end before it fails.
inline constexpr int kChildPatienceMs = 120'000;

class Program {
 public:
  /// Starts build/gregor, or the program beside it that `name` names, with `words`; `input` is its standard input.
  explicit Program(const std::vector<std::string>& words, const std::string& input = "",
                   const std::string& name = "gregor");
  /// Kills it where it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line of standard output, without its end; empty at the end of output or when patience ends.
  std::string read_line();
  void signal(int number);
  [[nodiscard]] pid_t pid() const { return child_; }
  /// Waits for its end. The exit status, or minus the signal that ended it; -1000 when patience ends.
  int wait();
  /// After wait(): all that was not read yet.
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] const std::string& errors() const { return errors_; }

 private:
  /// Takes what the pipes hold, until `enough` or both ended. False when patience ends.
  template <class Enough>
  bool pump(const Enough& enough);
  void close_pipes();

  pid_t child_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string output_;
  std::string errors_;
};

struct Ended {
  int exit = 0;
  std::string output;
  std::string errors;
};
/// Runs it to its end.
Ended run_program(const std::vector<std::string>& words, const std::string& input = "",
                  const std::string& name = "gregor");

}  // namespace gregor::program
