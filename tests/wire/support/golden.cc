#include "tests/wire/support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gregor::wire::test {
namespace {

constexpr std::size_t kEveryCutUpTo = 256;
constexpr std::size_t kCutsOfLongOnes = 128;

int digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

}  // namespace

std::optional<std::string> golden_folder() {
  const char* named = std::getenv("GREGOR_VECTORS");
  const std::string folder = named != nullptr ? named : GREGOR_SOURCE_DIR "/../shared/vectors";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

std::vector<std::string> jsonl_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t each_line(const std::string& file, const std::function<void(const nlohmann::json& line)>& check) {
  std::ifstream in(file);
  std::string text;
  std::size_t lines = 0;
  for (; std::getline(in, text); ++lines) check(nlohmann::json::parse(text));
  return lines;
}

ByteBuffer from_hex(const std::string& hex) {
  ByteBuffer bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

std::string to_hex(Bytes bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += kDigits[std::to_integer<std::size_t>(byte) >> 4];
    hex += kDigits[std::to_integer<std::size_t>(byte) & 0xf];
  }
  return hex;
}

std::vector<std::size_t> cuts_of(std::size_t size) {
  std::vector<std::size_t> cuts;
  const std::size_t step = size <= kEveryCutUpTo ? 1 : size / kCutsOfLongOnes;
  for (std::size_t cut = 0; cut < size; cut += step) cuts.push_back(cut);
  if (size > 0) cuts.push_back(size - 1);
  return cuts;
}

}  // namespace gregor::wire::test
