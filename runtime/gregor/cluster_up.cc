#include "runtime/gregor/cluster_up.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "base/random.h"
#include "base/uuid.h"
#include "runtime/descriptor.h"
#include "runtime/gregor/local_cluster.h"
#include "runtime/gregor/text_table.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;

constexpr int kReadyWithinSeconds = 60;
constexpr int kEndWithinSeconds = 60;
constexpr long kGlanceNanoseconds = 20'000'000;

bool is_free(std::uint16_t port) {
  const runtime::Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(probe.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::string new_cluster_id() {
  std::random_device device;
  RandomStream draws((std::uint64_t{device()} << 32) | device());
  return draws.uuid().to_text();
}

/// The two that end a cluster, and the one that says that a node ended. Blocked in this process: they are waited for.
sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&set, number);
  return set;
}

std::string last_line_of(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it said nothing";
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

class RunningNode {
 public:
  explicit RunningNode(const LocalNode& node) : node_(node) {}

  [[nodiscard]] const LocalNode& plan() const { return node_; }
  /// In a process group of its own, so that a terminal's Ctrl-C comes to us alone.
  bool start() {
    logged_before_ = fs::exists(node_.log_file) ? fs::file_size(node_.log_file) : 0;
    std::vector<char*> words = {const_cast<char*>("gregor")};
    for (const std::string& word : node_.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int log = ::open(node_.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
      why_ = "cannot open " + node_.log_file + ": " + std::strerror(errno);
      return false;
    }
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) become(log, parent, words.data());
    if (pid_ < 0) why_ = std::string("cannot start a process: ") + std::strerror(errno);
    ::close(log);
    return pid_ > 0;
  }
  /// True once it has ended; then status() tells how.
  bool has_ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ <= 0;
  }
  void ask_to_end(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
  }
  [[nodiscard]] bool ended_well() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }
  /// What this life of it wrote.
  [[nodiscard]] std::string said() const {
    std::ifstream in(node_.log_file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(logged_before_));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Requires that it ended.
  [[nodiscard]] std::string how_it_ended() const {
    if (!why_.empty()) return why_;
    if (WIFSIGNALED(status_)) return "killed by signal " + std::to_string(WTERMSIG(status_));
    return last_line_of(said());
  }
  [[nodiscard]] bool is_ready() const { return said().find("broker.ready") != std::string::npos; }

 private:
  [[noreturn]] static void become(int log, pid_t parent, char** words) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(kExitFailed);
    const sigset_t awaited = awaited_signals();
    ::sigprocmask(SIG_UNBLOCK, &awaited, nullptr);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execv("/proc/self/exe", words);
    ::_exit(kExitFailed);
  }

  LocalNode node_;
  pid_t pid_ = 0;
  int status_ = 0;
  std::string why_;  ///< it could not be started; empty where it was
  std::uintmax_t logged_before_ = 0;
};

class Fleet {
 public:
  explicit Fleet(const LocalCluster& cluster) {
    for (const LocalNode& node : cluster.nodes) nodes_.emplace_back(node);
  }
  bool start() {
    return std::all_of(nodes_.begin(), nodes_.end(), [](RunningNode& node) { return node.start(); });
  }
  /// False where a node ended, or none was ready in time; or a signal asked for the end: then `was_interrupted`.
  bool await_ready(bool& was_interrupted) {
    for (int glance = 0; glance < kReadyWithinSeconds * 50; ++glance) {
      if (std::any_of(nodes_.begin(), nodes_.end(), [](RunningNode& node) { return node.has_ended(); })) return false;
      if (std::all_of(nodes_.begin(), nodes_.end(), [](const RunningNode& node) { return node.is_ready(); }))
        return true;
      const int signal = next_signal();
      was_interrupted = signal == SIGINT || signal == SIGTERM;
      if (was_interrupted) return false;
    }
    return false;
  }
  /// Until SIGINT or SIGTERM. A node that ends by itself is told of, and the others go on.
  void watch() {
    std::vector<bool> told(nodes_.size(), false);
    for (;;) {
      const int signal = next_signal();
      if (signal == SIGINT || signal == SIGTERM) return;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (told[i] || !nodes_[i].has_ended()) continue;
        told[i] = true;
        std::cout << "node " << nodes_[i].plan().id << " ended: " << nodes_[i].how_it_ended() << std::endl;
      }
    }
  }
  /// One after the other; a second signal ends those that are left at once. True where all ended well.
  bool end() {
    bool all_well = true;
    int how = SIGTERM;
    for (RunningNode& node : nodes_) {
      node.ask_to_end(how);
      for (int glance = 0; !node.has_ended(); ++glance) {
        const int signal = next_signal();
        if (signal != SIGINT && signal != SIGTERM && glance < kEndWithinSeconds * 50) continue;
        how = SIGKILL;
        node.ask_to_end(how);
      }
      all_well = all_well && node.ended_well();
    }
    return all_well;
  }
  [[nodiscard]] std::string why_not_ready() {
    for (RunningNode& node : nodes_) {
      if (node.has_ended()) {
        return "node " + std::to_string(node.plan().id) + " ended: " + node.how_it_ended();
      }
    }
    return "not all nodes were ready within " + std::to_string(kReadyWithinSeconds) + " s; see their log files";
  }

 private:
  /// One that came within a glance; 0 where none did.
  static int next_signal() {
    const sigset_t awaited = awaited_signals();
    const timespec glance{0, kGlanceNanoseconds};
    const int signal = ::sigtimedwait(&awaited, nullptr, &glance);
    return signal > 0 ? signal : 0;
  }
  std::vector<RunningNode> nodes_;
};

void tell(const LocalCluster& cluster) {
  TextTable table({"NODE", "CLIENTS", "CONTROLLER", "DIRECTORY", "LOG"});
  for (const LocalNode& node : cluster.nodes) {
    table.add({std::to_string(node.id), "127.0.0.1:" + std::to_string(node.client_port),
               "127.0.0.1:" + std::to_string(node.controller_port), node.directory, node.log_file});
  }
  table.print(std::cout);
  const std::string& first = "127.0.0.1:" + std::to_string(cluster.nodes.front().client_port);
  std::cout << "cluster.ready bootstrap=" << cluster.bootstrap << "\n"
            << "try: gregor cluster status -b " << first << "\n"
            << "     gregor topic create t -p 6 -b " << first << "\n"
            << "     echo hello | gregor produce t -b " << first << "\n"
            << "     kill -9 one of them, and look again\n"
            << "Ctrl-C ends them in order" << std::endl;
}

int live(const LocalCluster& cluster) {
  const sigset_t awaited = awaited_signals();
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  Fleet fleet(cluster);
  bool was_interrupted = false;
  const bool is_up = fleet.start() && fleet.await_ready(was_interrupted);
  const std::string why = is_up || was_interrupted ? "" : fleet.why_not_ready();
  if (is_up) {
    tell(cluster);
    fleet.watch();
  }
  const bool ended_well = fleet.end();
  if (!is_up && !was_interrupted) return complain("cluster", why, kExitFailed);
  return ended_well ? kExitGood : complain("cluster", "not every node ended cleanly; see their log files", kExitFailed);
}

}  // namespace

int run_cluster_up(const Values& values) {
  LocalClusterWishes wishes{.count = value_of<int>(values, "count"),
                            .data_dir = value_of<std::string>(values, "data-dir"),
                            .first_port = value_of<std::uint16_t>(values, "port"),
                            .new_cluster_id = new_cluster_id()};
  if (values.contains("set")) wishes.settings = value_of<std::vector<std::string>>(values, "set");
  const auto cluster =
      plan_local_cluster(wishes, is_free, [](const std::string& directory) { return fs::exists(directory); });
  if (!cluster) return complain("cluster", cluster.error().text, kExitWrong);
  std::error_code failed;
  fs::create_directories(wishes.data_dir, failed);
  if (failed) return complain("cluster", "cannot make " + wishes.data_dir + ": " + failed.message(), kExitWrong);
  return live(*cluster);
}

}  // namespace gregor::program
