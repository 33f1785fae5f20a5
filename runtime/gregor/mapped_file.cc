#include "runtime/gregor/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gregor::program {

Result<MappedFile> MappedFile::open(const std::string& path) {
  const auto failure = [&] { return fail(Errc::io, "cannot read " + path + ": " + std::strerror(errno), errno); };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure();
  struct stat status {};
  void* address = MAP_FAILED;
  const bool known = ::fstat(descriptor, &status) == 0;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (known && size > 0) address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const bool mapped = known && (size == 0 || address != MAP_FAILED);
  auto result = mapped
                    ? Result<MappedFile>(MappedFile(size == 0 ? nullptr : static_cast<const std::byte*>(address), size))
                    : Result<MappedFile>(failure());
  ::close(descriptor);
  return result;
}

MappedFile::~MappedFile() {
  if (address_ != nullptr) ::munmap(const_cast<std::byte*>(address_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : address_(other.address_), size_(other.size_) {
  other.address_ = nullptr;
  other.size_ = 0;
}

}  // namespace gregor::program
