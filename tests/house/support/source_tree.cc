#include "tests/house/support/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gregor::house {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolders[] = {"core", "sim", "runtime", "scenarios", "properties", "tests"};

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to && at < text.size(); ++at) {
    if (text[at] != '\n') text[at] = ' ';
  }
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// One past the literal that begins at text[at] with `quote`.
std::size_t end_of_literal(std::string_view text, std::size_t at, char quote) {
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

/// One past the raw string whose quote stands at text[at].
std::size_t end_of_raw_string(std::string_view text, std::size_t at) {
  const auto open = text.find('(', at);
  if (open == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  const auto end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

/// One past the comment or literal that begins at text[at]; `at` itself where none does.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return std::min(text.find("*/", at + 2), text.size() - 2) + 2;
  const char before = at > 0 ? text[at - 1] : ' ';
  if (rest.starts_with("R\"") && !is_word(before)) return end_of_raw_string(text, at + 1);
  if (text[at] == '"') return end_of_literal(text, at, '"');
  if (text[at] == '\'' && !is_word(before)) return end_of_literal(text, at, '\'');  // 1'000 is a number
  return at;
}

std::vector<SourceFile> read_all() {
  std::vector<SourceFile> files;
  const fs::path root = GREGOR_SOURCE_DIR;
  for (const char* folder : kFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      SourceFile file{fs::relative(entry.path(), root).string(), {}, {}};
      file.text = read_text(file.path);
      file.code = blanked(file.text);
      files.push_back(std::move(file));
    }
  }
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

/// Directives of the preprocessor are no part of a function's head, nor are the braces of macros.
std::string without_directives(std::string code) {
  bool is_directive = false;
  for (std::size_t at = 0; at < code.size();) {
    const std::size_t end = std::min(code.find('\n', at), code.size());
    const std::size_t first = code.find_first_not_of(' ', at);
    is_directive = is_directive || (first < end && code[first] == '#');
    const bool goes_on = end > at && code[end - 1] == '\\';
    if (is_directive) blank(code, at, end);
    is_directive = is_directive && goes_on;
    at = end + 1;
  }
  return code;
}

/// What stands between the last end of a statement or block and the brace at `open`.
std::string_view head_of(std::string_view code, std::size_t open) {
  const auto from = code.find_last_of(";{}", open == 0 ? 0 : open - 1);
  return code.substr(from == std::string_view::npos ? 0 : from + 1,
                     open - (from == std::string_view::npos ? 0 : from + 1));
}

bool opens_function(std::string_view head) {
  const auto paren = head.find('(');
  if (paren == std::string_view::npos || head.find('=') < paren) return false;
  for (const char* word : {"namespace ", "enum ", "class ", "struct ", "union "}) {
    const auto at = head.find(word);
    if (at != std::string_view::npos && at < paren) return false;
  }
  return true;
}

std::string name_in(std::string_view head) {
  std::size_t end = head.find('(');
  while (end > 0 && head[end - 1] == ' ') --end;
  std::size_t begin = end;
  while (begin > 0 && (is_word(head[begin - 1]) || head[begin - 1] == ':' || head[begin - 1] == '~')) --begin;
  return std::string(head.substr(begin, end - begin));
}

}  // namespace

int SourceFile::line_of(std::size_t at) const {
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n'));
}

const std::vector<SourceFile>& all_sources() {
  static const std::vector<SourceFile> files = read_all();
  return files;
}

bool exists(const std::string& path) {
  return fs::exists(fs::path(GREGOR_SOURCE_DIR) / path);
}

std::string read_text(const std::string& path) {
  std::ifstream in(fs::path(GREGOR_SOURCE_DIR) / path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string blanked(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_blank(text, at);
    if (end > at) blank(code, at, end);
    at = std::max(end, at + 1);
  }
  return code;
}

std::size_t end_of_block(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < code.size(); ++at) {
    if (code[at] == '{') ++depth;
    if (code[at] == '}' && --depth == 0) return at;
  }
  return code.size();
}

std::vector<FunctionBody> functions_in(const SourceFile& file) {
  std::vector<FunctionBody> functions;
  const std::string plain = without_directives(file.code);
  const std::string_view code = plain;
  for (std::size_t at = code.find('{'); at != std::string_view::npos; at = code.find('{', at + 1)) {
    const std::string_view head = head_of(code, at);
    if (!opens_function(head)) continue;
    const std::size_t end = end_of_block(code, at);
    functions.push_back({name_in(head), file.line_of(at), file.line_of(end) - file.line_of(at) + 1});
    at = end;
    if (at >= code.size()) break;
  }
  return functions;
}

}  // namespace gregor::house
