// env::File over a descriptor. See posix_disk.h for what runs on a worker.
#pragma once

#include <string>

#include "env/disk.h"
#include "runtime/descriptor.h"
#include "runtime/worker_pool.h"

namespace gregor::runtime {

class PosixFile final : public env::File {
 public:
  PosixFile(Descriptor descriptor, std::string path, ShardJobs& jobs)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), jobs_(jobs) {}
  Result<std::size_t> preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) override;
  Result<std::size_t> pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) override;
  Result<void> fdatasync(env::Fiber& self) override;
  Result<void> truncate(env::Fiber& self, FilePosition size) override;
  Result<void> reserve(env::Fiber& self, FilePosition size) override;
  Result<FilePosition> size(env::Fiber& self) override;
  void drop_clean_pages(env::Fiber& self) override;

 private:
  Descriptor descriptor_;
  std::string path_;
  ShardJobs& jobs_;
  bool asks_page_cache_ = true;  ///< false once the file system said that it cannot tell what is cached
};

}  // namespace gregor::runtime
