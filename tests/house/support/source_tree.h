// The project's own sources as the house rules see them: text, and the same text with comments and literals blanked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gregor::house {

struct SourceFile {
  std::string path;  ///< from the root of the project, "core/env/fiber.h"
  std::string text;
  std::string code;  ///< as long as `text`, line for line: comments, string and character literals are blanks

  [[nodiscard]] bool is_header() const { return path.ends_with(".h"); }
  [[nodiscard]] bool is_below(std::string_view folder) const { return path.starts_with(folder); }
  /// 1 for the first line.
  [[nodiscard]] int line_of(std::size_t at) const;
};

/// Every .h and .cc below core, sim, runtime, scenarios, properties and tests, in order of their paths. Read once.
const std::vector<SourceFile>& all_sources();
/// Whether the project holds this file.
bool exists(const std::string& path);
/// A file of the project as it stands; empty where absent.
std::string read_text(const std::string& path);

/// `text` with comments and literals as blanks; newlines stay.
std::string blanked(std::string_view text);

/// Where the block that begins at code[open], a brace, ends: the index of its closing brace, or the end of the code.
std::size_t end_of_block(std::string_view code, std::size_t open);

struct FunctionBody {
  std::string name;  ///< what stands before the parameters
  int line = 0;      ///< where the body opens
  int lines = 0;     ///< from the opening brace's line to the closing one's
};
/// The bodies of functions (not of lambdas, classes, namespaces) in blanked code.
std::vector<FunctionBody> functions_in(const SourceFile& file);

}  // namespace gregor::house
