#include "tests/storage/support/log_home.h"

#include "base/check.h"

namespace gregor::storage {

LogHome::LogHome() {
  image->put_file(kFolder + "/partition.metadata", bytes_of("version: 0\ntopic_id: zMyonqWpSu-8u-klmTpUzA"));
}

Result<std::unique_ptr<PartitionLog>> LogHome::open(env::Fiber& self, env::Shard& shard,
                                                    const LogCheckpoints& checkpoints, env::Disk* disk) {
  LogSeat seat{.disk = disk != nullptr ? *disk : shard.disk,
               .clock = shard.clock,
               .observer = events,
               .log = log,
               .partition = {"orders", Uuid{1, 2}, PartitionIndex{0}},
               .folder = kFolder,
               .recovery_points = recovery_points};
  return PartitionLog::open(self, std::move(seat), config, checkpoints);
}

ByteBuffer LogHome::content(const std::string& name) const {
  return image->content_of(kFolder + "/" + name).value_or(ByteBuffer{});
}

bool LogHome::has(const std::string& name) const {
  return image->content_of(kFolder + "/" + name).has_value();
}

void LogHome::put(const std::string& name, Bytes file_content) {
  image->put_file(kFolder + "/" + name, file_content);
}

void LogHome::fill(env::Fiber& self, PartitionLog& onto, const std::vector<BatchRecipe>& recipes) {
  for (const BatchRecipe& recipe : recipes) {
    const auto appended = onto.append(self, make_batch(recipe));
    CHECK(appended.has_value());
  }
}

Result<ByteBuffer> read_everything(env::Fiber& self, PartitionLog& log, std::size_t bytes_max) {
  ByteBuffer all;
  for (Offset from = log.log_start(); from < log.log_end();) {
    TRY_ASSIGN(const auto read, log.read(self, from, {.bytes_max = bytes_max}));
    if (read.batches.empty()) break;
    append_bytes(all, read.batches.bytes());
    from = read.next_offset;
  }
  return all;
}

}  // namespace gregor::storage
