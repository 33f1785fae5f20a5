// Nothing in core/ can reach the operating system but through the seam of env/: proved on the objects, not on the
// sources. Method: list what the libraries of core import (nm) and what they would run before main.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

namespace fs = std::filesystem;

/// Symbols that reach the system, the clock, other threads or the environment.
constexpr const char* kBanned[] = {
    "open",
    "open64",
    "openat",
    "openat64",
    "creat",
    "read",
    "pread",
    "pread64",
    "preadv",
    "preadv64",
    "preadv2",
    "readv",
    "write",
    "pwrite",
    "pwrite64",
    "pwritev",
    "pwritev64",
    "writev",
    "close",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "ftruncate",
    "ftruncate64",
    "fallocate",
    "posix_fallocate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "stat",
    "fstat",
    "lstat",
    "fstatat",
    "statx",
    "statvfs",
    "fstatvfs",
    "opendir",
    "readdir",
    "readdir64",
    "ioctl",
    "fcntl",
    "fcntl64",
    "flock",
    "sendfile",
    "socket",
    "socketpair",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "send",
    "sendto",
    "sendmsg",
    "recv",
    "recvfrom",
    "recvmsg",
    "shutdown",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "getpeername",
    "getaddrinfo",
    "poll",
    "ppoll",
    "select",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "eventfd",
    "timerfd_create",
    "signalfd",
    "pipe",
    "pipe2",
    "dup",
    "dup2",
    "clock_gettime",
    "clock_getres",
    "clock_nanosleep",
    "gettimeofday",
    "time",
    "nanosleep",
    "usleep",
    "sleep",
    "localtime",
    "localtime_r",
    "gmtime",
    "mktime",
    "times",
    "getrusage",
    "getrandom",
    "getentropy",
    "rand",
    "random",
    "srand",
    "srandom",
    "drand48",
    "arc4random",
    "getenv",
    "secure_getenv",
    "setenv",
    "getpid",
    "gettid",
    "gethostname",
    "uname",
    "fork",
    "vfork",
    "execve",
    "system",
    "popen",
    "kill",
    "raise",
    "signal",
    "sigaction",
    "pthread_create",
    "pthread_join",
    "pthread_self",
    "pthread_mutex_lock",
    "pthread_cond_wait",
    "pthread_key_create",
    "sched_yield",
    "sysconf",
    "getpagesize",
    "mmap",
    "mmap64",
    "munmap",
    "mprotect",
    "madvise",
    "mlock",
    "syscall",
    "dlopen",
    "dlsym",
    "printf",
    "fprintf",
    "vfprintf",
    "puts",
    "fputs",
    "putchar",
    "fwrite",
    "fread",
    "fopen",
    "fopen64",
    "exit",
    "_exit",
    "quick_exit",
    "atexit",
    "abort",
    "stdout",
    "stderr",
    "stdin",
    "setlocale",
};
/// Mangled names that begin so: std::thread, clocks, random_device, files, streams on descriptors, locale's global.
constexpr const char* kBannedPrefixes[] = {
    "_ZNSt6thread",
    "_ZNSt6chrono3_V2",
    "_ZNSt13random_device",
    "_ZNSt12__basic_fileIcE",
    "_ZSt4cout",
    "_ZSt4cerr",
    "_ZSt4clog",
    "_ZSt3cin",
    "_ZNSt10filesystem",
    "_ZNSt18condition_variable",
    "_ZNSt13basic_filebuf",
    "_ZNSt14basic_ofstream",
    "_ZNSt14basic_ifstream",
    "_ZNSt11this_thread",
    "_ZNSt8ios_base4Init",
};
/// Who may what, and why.
const std::map<std::string, std::set<std::string>>& allowed() {
  static const std::map<std::string, std::set<std::string>> table = {
      // Stacks of fibers are memory of their own, with a guard page each.
      {"env/stack_slab.cc.o", {"mmap", "mmap64", "munmap", "mprotect", "madvise", "sysconf", "getpagesize"}},
      // A failed CHECK says so and ends the process.
      {"base/check.cc.o", {"fprintf", "fwrite", "fputs", "abort", "stderr"}},
  };
  return table;
}

bool is_banned(const std::string& symbol) {
  if (std::find(std::begin(kBanned), std::end(kBanned), symbol) != std::end(kBanned)) return true;
  return std::any_of(std::begin(kBannedPrefixes), std::end(kBannedPrefixes),
                     [&](const char* prefix) { return symbol.starts_with(prefix); });
}

std::vector<fs::path> libraries_of_core() {
  std::vector<fs::path> libraries;
  for (const auto& entry : fs::directory_iterator(fs::path(GREGOR_BUILD_DIR) / "core")) {
    const std::string name = entry.path().filename();
    if (name.starts_with("libgregor_") && name.ends_with(".a")) libraries.push_back(entry.path());
  }
  std::sort(libraries.begin(), libraries.end());
  return libraries;
}

struct Symbol {
  std::string object;  ///< the library without its name, "env/stack_slab.cc.o" once put together
  char kind = ' ';     ///< as nm says: U undefined, t and T code
  std::string name;
};

std::vector<Symbol> symbols_of(const fs::path& library) {
  std::vector<Symbol> symbols;
  const std::string command = "nm -A '" + library.string() + "' 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return symbols;
  std::array<char, 8192> line;
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    // "LIBRARY:OBJECT:ADDRESS KIND NAME", the address blank where undefined.
    const std::string text = line.data();
    const auto object = text.find(".a:") + 3;
    const auto end = text.find(':', object);
    if (end == std::string::npos) continue;
    std::istringstream rest(text.substr(end + 1));
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(word);
    if (words.size() < 2) continue;
    symbols.push_back({text.substr(object, end - object), words[words.size() - 2][0], words.back()});
  }
  ::pclose(pipe);
  return symbols;
}

/// "libgregor_env_mutants.a" to "env". The switch of the planted bugs is base's, in a library of its own.
std::string layer_of(const fs::path& library) {
  std::string name = library.stem().string().substr(std::string("libgregor_").size());
  if (name == "mutant_switch") return "base";
  if (name.ends_with("_mutants")) name.resize(name.size() - std::string("_mutants").size());
  return name;
}

/// What glibc calls a symbol behind its versions: "read@GLIBC_2.2.5" is read.
std::string plain_name(const std::string& symbol) {
  return symbol.substr(0, symbol.find('@'));
}

TEST(Link, CoreImportsNothingThatReachesTheSystem) {
  const std::vector<fs::path> libraries = libraries_of_core();
  std::set<std::string> layers;
  for (const fs::path& library : libraries) layers.insert(layer_of(library));
  ASSERT_EQ(layers, declared_layers()) << "the layers of core are not built in " << GREGOR_BUILD_DIR;
  std::size_t looked_at = 0;
  for (const fs::path& library : libraries) {
    for (const Symbol& symbol : symbols_of(library)) {
      ++looked_at;
      const std::string name = plain_name(symbol.name);
      if (symbol.kind != 'U' || !is_banned(name)) continue;
      const std::string object = layer_of(library) + "/" + symbol.object;
      const auto row = allowed().find(object);
      if (row != allowed().end() && row->second.contains(name)) continue;
      ADD_FAILURE()
          << "core/" << object << " imports " << name
          << ": core reaches the system only through env::Shard (clock, entropy, network, disk, mailbox, process)";
    }
  }
  EXPECT_GT(looked_at, 1000u) << "nm said next to nothing: is binutils installed?";
}

TEST(Link, NothingOfCoreRunsBeforeMain) {
  for (const fs::path& library : libraries_of_core()) {
    for (const Symbol& symbol : symbols_of(library)) {
      EXPECT_FALSE(symbol.name.starts_with("_GLOBAL__sub_I_"))
          << "core/" << layer_of(library) << "/" << symbol.object
          << " has a global whose constructor runs: make it constexpr or hand it down";
    }
  }
}

}  // namespace
}  // namespace gregor::house
