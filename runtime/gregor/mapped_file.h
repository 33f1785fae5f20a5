// A whole file to read, mapped: a log segment may be a gigabyte.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace gregor::program {

class MappedFile {
 public:
  /// Errors: io, naming the file.
  static Result<MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  /// Good while this object lives. A file cut meanwhile ends the program: dump what nobody writes to.
  [[nodiscard]] Bytes bytes() const { return {address_, size_}; }

 private:
  MappedFile(const std::byte* address, std::size_t size) : address_(address), size_(size) {}
  const std::byte* address_;
  std::size_t size_;
};

}  // namespace gregor::program
