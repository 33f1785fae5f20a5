// The shape of sources: sizes, openings, names, exceptions, unfinished work.
#include <gtest/gtest.h>

#include <regex>

#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

constexpr int kFileLinesMax = 600;
constexpr int kFunctionLinesMax = 60;

TEST(Shape, FilesHoldOneIdea) {
  for (const SourceFile& file : all_sources()) {
    const int lines = file.line_of(file.text.size()) - 1;
    if (lines > kFileLinesMax)
      report(file, kFileLinesMax, std::to_string(lines) + " lines: there is a second idea inside, give it a file");
  }
}

TEST(Shape, FunctionsFitOneScreen) {
  for (const SourceFile& file : all_sources()) {
    for (const FunctionBody& function : functions_in(file)) {
      if (function.lines <= kFunctionLinesMax) continue;
      report(file, function.line,
             function.name + " has " + std::to_string(function.lines) + " lines: name its steps and let it call them");
    }
  }
}

TEST(Shape, HeadersOpenWithTheirPurposeAndGuard) {
  for (const SourceFile& file : all_sources()) {
    if (!file.is_header()) continue;
    if (!file.text.starts_with("//")) report(file, 1, "a header opens by saying what it is, promises, never does");
    if (file.code.find("#pragma once") == std::string::npos) report(file, 1, "a header wants #pragma once");
  }
}

// A formatter breaks a line that is too long and runs the rest into the next item.
TEST(Shape, AnItemOfAListBeginsItsLine) {
  const std::regex pattern(R"(//[^\n]*[;.,)] [A-Z][0-9]{1,2}[a-z]?  [a-z])");
  for (const SourceFile& file : all_sources()) {
    for_each_match(file.text, pattern, [&](const std::smatch& match) {
      report(file, file.line_of(static_cast<std::size_t>(match.position())),
             "two items on one line: keep a list's lines within 120 columns");
    });
  }
}

/// Spelled apart, so that the rule does not find itself.
const std::regex& unfinished_words() {
  static const std::regex words(std::string("\\b(TO") + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b|not yet imple" +
                                "mented");
  return words;
}

TEST(Shape, NothingIsLeftForLater) {
  for (const SourceFile& file : all_sources()) {
    for_each_match(file.text, unfinished_words(), [&](const std::smatch& match) {
      report(file, file.line_of(static_cast<std::size_t>(match.position())),
             match.str() + ": finish it, or say it in README's limits");
    });
  }
}

// Cancellation is an exception that must reach the fiber's entry; who catches everything must let it go on.
TEST(Shape, NobodySwallowsCancellation) {
  const std::regex pattern(R"(catch\s*\(\s*\.\.\.\s*\)\s*\{)");
  for (const SourceFile& file : all_sources()) {
    if (file.is_below("tests/")) continue;
    for_each_match(file.code, pattern, [&](const std::smatch& match) {
      const auto open = static_cast<std::size_t>(match.position() + match.length() - 1);
      const std::string block = file.code.substr(open, end_of_block(file.code, open) - open);
      if (block.find("throw;") != std::string::npos || block.find("current_exception()") != std::string::npos) return;
      report(file, file.line_of(open), "catch (...) swallows env::Cancelled: name the exception, or throw; at its end");
    });
  }
}

struct BannedName {
  const char* pattern;
  const char* why;
};
constexpr BannedName kBannedNames[] = {
    {R"(\b(class|struct|namespace|enum class)\s+(\w*(Manager|Util|Utils|Helper|Helpers|Misc|Impl|Info)|util|utils|misc|impl|helpers?|detail_?)\b(?!\s*=))",
     "a name says what the thing is: no manager, util, misc, impl, helper, info"},
    {R"(\bnamespace\s+log\b)", "namespace log collides with <cmath>"},
    {R"(\busing namespace std\s*;)", "names of std are written out"},
};

TEST(Shape, NamesSaySomething) {
  for (const BannedName& name : kBannedNames) {
    const std::regex pattern(name.pattern);
    for (const SourceFile& file : all_sources()) {
      for_each_match(file.code, pattern, [&](const std::smatch& match) {
        report(file, file.line_of(static_cast<std::size_t>(match.position())), match.str() + ": " + name.why);
      });
    }
  }
}

TEST(Shape, FileNamesAreSnakeCaseAndSaySomething) {
  const std::regex good(R"(([a-z0-9_]+/)+[a-z0-9_]+\.(h|cc))");
  const std::regex empty(R"((^|[/_])(util|utils|misc|manager|impl|helper|helpers|common|stuff)(_|\.|/))");
  for (const SourceFile& file : all_sources()) {
    if (!std::regex_match(file.path, good)) report(file, 1, "files are snake_case.h and snake_case.cc");
    if (std::regex_search(file.path, empty)) report(file, 1, "a file's name says what is inside");
  }
}

// A path of one machine tells a stranger nothing.
TEST(Shape, NoPathOfOneMachine) {
  const std::regex pattern(std::string("[\"' ](/wo") + "rk|/ho" + "me|/ro" + "ot)/");
  for (const SourceFile& file : all_sources()) {
    for_each_match(file.text, pattern, [&](const std::smatch& match) {
      report(file, file.line_of(static_cast<std::size_t>(match.position())), "a path of one machine");
    });
  }
}

SourceFile as_file(std::string text) {
  SourceFile file{"core/x.cc", std::move(text), {}};
  file.code = blanked(file.text);
  return file;
}

TEST(HouseRules, CommentsAndLiteralsAreNoCode) {
  EXPECT_EQ(blanked("a /* b\nc */ d // e\n\"f\\\"g\" 1'000 'h' R\"(i\nj)\" k"),
            "a     \n     d     \n       1'000         \n    k");
}

TEST(HouseRules, DirectivesAreNoPartOfAFunction) {
  const SourceFile file = as_file(
      "#if defined(A) || has(B)\n#define C(x) \\\n  void x() { \\\n  }\nnamespace d {\nvoid e() {\n}\n}\n#endif\n");
  const auto functions = functions_in(file);
  ASSERT_EQ(functions.size(), 1u);
  EXPECT_EQ(functions[0].name, "e");
  EXPECT_EQ(functions[0].lines, 2);
}

TEST(HouseRules, FunctionsAreMeasuredFromBraceToBrace) {
  const SourceFile file = as_file(
      "namespace a {\nstruct B {\n  int c() const {\n    if (x) {\n    }\n  }\n};\nint d(int e) { return e; }\n}\n");
  const auto functions = functions_in(file);
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].name, "c");
  EXPECT_EQ(functions[0].lines, 4);
  EXPECT_EQ(functions[1].name, "d");
}

}  // namespace
}  // namespace gregor::house
