// The helpers over a disk that does as little as the contract lets it: short writes, short reads, errors where asked.
#include "env/disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/env/support/manual_world.h"

namespace gregor::env {
namespace {

/// Files by path, with a journal of what was asked. Never writes more than `write_bytes_max` at once.
struct StingyDisk final : Disk {
  std::map<std::string, ByteBuffer> files;
  std::vector<std::string> journal;
  std::set<std::string> failing;  ///< journal entries that fail instead
  std::size_t write_bytes_max = 3;

  Result<void> ask(const std::string& what) {
    if (failing.count(what) > 0) return fail(Errc::io, what);
    journal.push_back(what);
    return {};
  }
  struct StingyFile final : File {
    StingyFile(StingyDisk& disk_of, std::string name) : disk(disk_of), path(std::move(name)) {}
    StingyDisk& disk;
    std::string path;
    Result<std::size_t> preadv(Fiber&, FilePosition at, std::span<const MutableBytes> into) override {
      const ByteBuffer& content = disk.files[path];
      if (at.value() >= content.size()) return std::size_t{0};
      const std::size_t count = std::min({into[0].size(), content.size() - at.value(), std::size_t{2}});
      std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at.value()), count, into[0].begin());
      return count;
    }
    Result<std::size_t> pwritev(Fiber&, FilePosition at, std::span<const Bytes> from) override {
      TRY(disk.ask("write " + path));
      ByteBuffer& content = disk.files[path];
      std::size_t written = 0;
      for (const Bytes piece : from) {
        for (const std::byte byte : piece) {
          if (written == disk.write_bytes_max) return written;
          content.resize(std::max<std::size_t>(content.size(), at.value() + written + 1));
          content[at.value() + written++] = byte;
        }
      }
      return written;
    }
    Result<void> fdatasync(Fiber&) override { return disk.ask("flush " + path); }
    Result<void> truncate(Fiber&, FilePosition size) override {
      disk.files[path].resize(size.value());
      return {};
    }
    Result<void> reserve(Fiber&, FilePosition) override { return {}; }
    Result<FilePosition> size(Fiber&) override { return FilePosition(disk.files[path].size()); }
  };

  Result<std::unique_ptr<File>> open(Fiber&, const std::string& path, OpenMode mode) override {
    if (mode != OpenMode::create && files.count(path) == 0) return fail(Errc::not_found, path);
    files[path];
    return std::make_unique<StingyFile>(*this, path);
  }
  Result<void> rename(Fiber&, const std::string& from, const std::string& to) override {
    TRY(ask("rename " + from + " " + to));
    files[to] = std::move(files[from]);
    files.erase(from);
    return {};
  }
  Result<void> sync_directory(Fiber&, const std::string& path) override { return ask("sync " + path); }
  Result<void> link(Fiber&, const std::string&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<void> unlink(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<void> make_directory(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<void> remove_directory(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<std::vector<std::string>> list(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<FileStatus> status(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<DiskSpace> space(Fiber&, const std::string&) override { return fail(Errc::unsupported, ""); }
  Result<std::unique_ptr<DirectoryLock>> lock(Fiber&, const std::string&) override {
    return fail(Errc::unsupported, "");
  }
};

template <class Body>
void on_fiber(Body body) {
  ManualWorld world;
  bool ended = false;
  world.fibers.spawn("test", [&](Fiber& self) {
    body(self);
    ended = true;
  });
  world.run();
  EXPECT_TRUE(ended);
}

TEST(Disk, WriteAllGoesOnAfterEveryShortWrite) {
  on_fiber([](Fiber& self) {
    StingyDisk disk;
    auto file = disk.open(self, "f", OpenMode::create).value();
    const std::vector<Bytes> pieces{bytes_of("ab"), bytes_of(""), bytes_of("cdefg"), bytes_of("h")};
    ASSERT_TRUE(write_all(self, *file, FilePosition(1), pieces).has_value());
    EXPECT_EQ(text_of(disk.files["f"]), std::string_view("\0abcdefgh", 9));
    EXPECT_EQ(disk.journal.size(), 3U) << "three bytes at a time";
  });
}

TEST(Disk, WriteAllTakesNothingForAnError) {
  on_fiber([](Fiber& self) {
    StingyDisk disk;
    auto file = disk.open(self, "f", OpenMode::create).value();
    disk.write_bytes_max = 0;
    EXPECT_EQ(write_all(self, *file, FilePosition(0), bytes_of("x")).error().code, Errc::io)
        << "and does not try for ever";
    EXPECT_TRUE(write_all(self, *file, FilePosition(0), Bytes()).has_value());
  });
}

TEST(Disk, ReadExactlyGoesOnAfterShortReadsAndTellsTheEnd) {
  on_fiber([](Fiber& self) {
    StingyDisk disk;
    disk.files["f"] = ByteBuffer(5, std::byte{'x'});
    auto file = disk.open(self, "f", OpenMode::read_only).value();
    ByteBuffer room(5);
    ASSERT_TRUE(read_exactly(self, *file, FilePosition(0), room).has_value());
    EXPECT_EQ(text_of(room), "xxxxx");
    EXPECT_EQ(read_exactly(self, *file, FilePosition(1), room).error().code, Errc::malformed);
  });
}

TEST(Disk, ReadFileRefusesMoreThanItsLimit) {
  on_fiber([](Fiber& self) {
    StingyDisk disk;
    disk.files["f"] = ByteBuffer(5, std::byte{'x'});
    EXPECT_EQ(read_file(self, disk, "f", 5).value().size(), 5U);
    EXPECT_EQ(read_file(self, disk, "f", 4).error().code, Errc::limit);
    EXPECT_EQ(read_file(self, disk, "absent", 4).error().code, Errc::not_found);
  });
}

TEST(Disk, ReplaceFileFlushesBeforeItRenamesAndTheDirectoryAfter) {
  on_fiber([](Fiber& self) {
    StingyDisk disk;
    disk.write_bytes_max = 100;
    disk.files["d/f"] = ByteBuffer(50);
    disk.files["d/f.tmp"] = ByteBuffer(70);  // left over by a crash
    ASSERT_TRUE(replace_file(self, disk, "d/f", bytes_of("new")).has_value());
    EXPECT_EQ(text_of(disk.files["d/f"]), "new");
    EXPECT_EQ(disk.journal,
              (std::vector<std::string>{"write d/f.tmp", "flush d/f.tmp", "rename d/f.tmp d/f", "sync d"}));
  });
}

TEST(Disk, AReplaceThatFailsAtAnyStepBeforeTheRenameLeavesTheOldFile) {
  for (const char* step : {"write d/f.tmp", "flush d/f.tmp", "rename d/f.tmp d/f", "sync d"}) {
    on_fiber([&](Fiber& self) {
      StingyDisk disk;
      disk.files["d/f"] = ByteBuffer(2, std::byte{'o'});
      disk.failing.insert(step);
      EXPECT_FALSE(replace_file(self, disk, "d/f", bytes_of("new")).has_value()) << step;
      const bool replaced = std::string_view(step) == "sync d";
      EXPECT_EQ(text_of(disk.files["d/f"]), replaced ? "new" : "oo") << step;
    });
  }
}

}  // namespace
}  // namespace gregor::env
