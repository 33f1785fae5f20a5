// The golden vectors, made by Apache Kafka's own classes: where they are, and how to walk them.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace gregor::wire::test {

/// The folder named by GREGOR_VECTORS, else ../shared/vectors beside the source; none where there is no such folder.
std::optional<std::string> golden_folder();
/// The *.jsonl files of a folder, in the order of names.
std::vector<std::string> jsonl_files(const std::string& folder);
/// Hands each line of a file on; returns how many there were.
std::size_t each_line(const std::string& file, const std::function<void(const nlohmann::json& line)>& check);

ByteBuffer from_hex(const std::string& hex);
std::string to_hex(Bytes bytes);
/// Where to cut an encoding of `size` bytes: everywhere if it is short, else at its first bytes and at even distances.
std::vector<std::size_t> cuts_of(std::size_t size);

}  // namespace gregor::wire::test

/// Skips the test, with a message, where the vectors are absent; names their folder otherwise.
#define GOLDEN_FOLDER_OR_SKIP(name)                                                                         \
  const auto name##_found = ::gregor::wire::test::golden_folder();                                          \
  if (!name##_found) GTEST_SKIP() << "no golden vectors: set GREGOR_VECTORS to the folder that holds them"; \
  const std::string name = *name##_found
