// One seed, one run: what would let the compiler, the library or the machine choose has no place in core/ and sim/.
// Each of these was a real difference between two builds of some simulator; the message says what to do instead.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

constexpr const char* kCoreAndSim = "^(core|sim|scenarios|properties)/(?!wire/generator/)";
constexpr const char* kCore = "^core/(?!wire/generator/)";

constexpr Ban kBans[] = {
    {kCoreAndSim, R"(\bstd::\w+_distribution\b)", "the library chooses how a distribution draws: use base/random.h"},
    {kCoreAndSim,
     R"(\bstd::(shuffle|sample|random_device|mt19937(_64)?|default_random_engine|minstd_rand0?)\b|\bs?rand\()",
     "randomness comes from a named stream of env::Entropy: use base/random.h"},
    {kCoreAndSim,
     R"(\b(steady_clock|system_clock|high_resolution_clock)\b|\b(clock_gettime|gettimeofday|time|localtime|gmtime)\()",
     "time comes from env::Clock alone"},
    {kCoreAndSim,
     R"(\bstd::(thread|jthread|async|future|promise|mutex|shared_mutex|condition_variable|this_thread)\b|\bthread_local\b)",
     "a shard is one thread and knows no other: use fibers (env/wait.h) and the mailbox"},
    {kCoreAndSim, R"(\bgetenv\()", "settings come by constructor; the environment differs between machines"},
    {kCoreAndSim, R"(\bstd::(unordered_)?(multi)?(map|set)<\s*(const\s+)?[\w:]+\s*\*)",
     "addresses differ from run to run: key by an id, never by a pointer"},
    {kCoreAndSim, R"(\bstd::sort\([^;]*\[[^\]]*\]\s*\()",
     "with ties std::sort may order as it likes: use std::stable_sort with a comparison"},
    {kCoreAndSim, R"(\bstd::hash<[\w:\s]+\*>)", "an address hashed differs from run to run"},
    {kCore,
     R"(#include\s*<(thread|mutex|shared_mutex|condition_variable|future|fstream|filesystem|iostream|random|ctime|semaphore|stop_token|latch|barrier)>)",
     "this header reaches past the seam: time, entropy, disk and network come through env::Shard"},
};

TEST(Determinism, NothingLetsTheMachineChoose) {
  for (const Ban& ban : kBans) {
    const std::regex folders(ban.folders);
    const std::regex pattern(ban.pattern);
    for (const SourceFile& file : all_sources()) {
      if (!std::regex_search(file.path, folders)) continue;
      for_each_match(file.code, pattern, [&](const std::smatch& match) {
        report(file, file.line_of(static_cast<std::size_t>(match.position())), match.str() + ": " + ban.why);
      });
    }
  }
}

/// How many arguments of the call whose parenthesis opens at code[open] draw from a stream.
int arguments_that_draw(std::string_view code, std::size_t open) {
  static const std::regex draw(R"((\.|->)(next|below|between|chance|uuid)\()");
  int depth = 0;
  int found = 0;
  std::size_t begin = open + 1;
  for (std::size_t at = open; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '}' || c == ']') --depth;
    if (depth != 0 && !(depth == 1 && c == ',')) continue;
    const std::string argument(code.substr(begin, at - begin));
    found += std::regex_search(argument, draw) ? 1 : 0;
    begin = at + 1;
    if (depth == 0) break;
  }
  return found;
}

TEST(Determinism, OneArgumentListDrawsOnceAtMostBecauseCompilersDifferInTheOrderOfArguments) {
  EXPECT_EQ(arguments_that_draw("f(a.below(b.size()), c->chance(1, 3));", 1), 2);
  EXPECT_EQ(arguments_that_draw("f(a.below(2), g(1, 2)); b.below(3)", 1), 1);
  const std::regex folders(kCoreAndSim);
  const std::regex call(R"(\w\()");
  for (const SourceFile& file : all_sources()) {
    if (!std::regex_search(file.path, folders)) continue;
    for_each_match(file.code, call, [&](const std::smatch& match) {
      const auto open = static_cast<std::size_t>(match.position()) + 1;
      if (arguments_that_draw(file.code, open) > 1)
        report(file, file.line_of(open), "two draws in one argument list: name what was drawn first");
    });
  }
}

/// Names of variables and members declared as unordered containers.
std::set<std::string> unordered_names(const std::string& code) {
  std::set<std::string> names;
  const std::regex declaration(R"(\bstd::unordered_\w+<[^;{}()]*>\s+(\w+))");
  for_each_match(code, declaration, [&](const std::smatch& match) { names.insert(match[1]); });
  return names;
}

const SourceFile* header_of(const SourceFile& file) {
  const std::string path = file.path.substr(0, file.path.rfind('.')) + ".h";
  for (const SourceFile& other : all_sources()) {
    if (other.path == path) return &other;
  }
  return nullptr;
}

TEST(Determinism, UnorderedContainersAreNeverWalked) {
  for (const SourceFile& file : all_sources()) {
    if (!file.is_below("core/") && !file.is_below("sim/")) continue;
    std::set<std::string> names = unordered_names(file.code);
    if (const SourceFile* header = file.is_header() ? nullptr : header_of(file))
      names.merge(unordered_names(header->code));
    for (const std::string& name : names) {
      const std::regex walk(R"(for\s*\([^;()]*:\s*(\w+(\.|->))*)" + name + R"(\s*\)|\b)" + name + R"(\.c?begin\(\))");
      for_each_match(file.code, walk, [&](const std::smatch& match) {
        report(file, file.line_of(static_cast<std::size_t>(match.position())),
               "the order of " + name + " is the library's: walk an ordered container, or sort what is walked");
      });
    }
  }
}

TEST(Determinism, NoStaticOfCoreChanges) {
  const std::regex pattern(
      R"((^|\n)\s*(static|inline)\s+(?!const\b|constexpr\b|constinit\b|assert)[\w:<>,\s\*&]+?\b\w+\s*(=|;|\{\}))");
  for (const SourceFile& file : all_sources()) {
    if (!file.is_below("core/") && !file.is_below("sim/")) continue;
    if (file.path == "core/base/mutant.cc" || file.is_below("core/wire/generator/"))
      continue;  // the switch of planted bugs; a build tool
    for_each_match(file.code, pattern, [&](const std::smatch& match) {
      const std::string text = match.str();
      if (text.find('(') != std::string::npos || text.find("using") != std::string::npos ||
          text.find("namespace") != std::string::npos)
        return;
      report(file, file.line_of(static_cast<std::size_t>(match.position()) + 1),
             "a static that changes outlives a simulated node: hand the state down by constructor");
    });
  }
}

}  // namespace
}  // namespace gregor::house
