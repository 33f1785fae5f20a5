// The codecs of record batches: gzip, snappy (raw, and the framing of snappy-java), lz4 frames, zstd.
// Decompression streams through a bounded window; no input makes it allocate more than the limits below warrant.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_format.h"

namespace gregor::record {

/// The default level, of every codec that has levels: its library's (gzip 6, lz4 9, zstd 3, as in Kafka).
inline constexpr int kDefaultLevel = -1000000;
/// Whether `level` is one that Kafka's compression.<codec>.level takes: gzip 1-9 and -1, lz4 1-17, zstd -131072-22.
bool is_level_of(Codec codec, int level);

/// For whoever decompresses a batch wholly and has no better bound: what one batch may grow to.
inline constexpr std::size_t kDecompressedBytesMax = std::size_t{256} << 20;

/// Codec contexts kept between batches, since making one costs more than using it. One for each shard or client; not
/// thread-safe.
class CodecScratch {
 public:
  CodecScratch();
  ~CodecScratch();
  CodecScratch(CodecScratch&&) noexcept;
  CodecScratch& operator=(CodecScratch&&) noexcept;

 private:
  friend class Decompressor;
  friend Result<void> compress(CodecScratch&, Codec, int, Bytes, ByteBuffer&);
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

/// Appends `plain`, compressed, to `onto`. Snappy is written in snappy-java's framing, lz4 as a frame of 64 KiB
/// independent blocks. `codec` may be none: a copy. Errors: invalid (level), io (the library failed).
Result<void> compress(CodecScratch& scratch, Codec codec, int level, Bytes plain, ByteBuffer& onto);

/// Pulls the plain bytes of one compressed stretch, piece by piece. One at a time for each scratch; both must outlive
/// it. Trailing bytes after the stream: ignored for gzip and lz4, malformed for snappy and zstd, as Kafka does.
class Decompressor {
 public:
  /// Plain bytes in all may not pass `bytes_max`. `codec` may be none.
  Decompressor(CodecScratch& scratch, Codec codec, Bytes compressed, std::size_t bytes_max);

  /// The next piece, at most 64 KiB (raw snappy: at most the input times 32); empty at the end. Good until the next
  /// call. Errors: malformed, limit. After an error the object is spent.
  Result<Bytes> next();

 private:
  Result<Bytes> next_gzip();
  Result<Bytes> next_snappy();
  Result<Bytes> next_lz4();
  Result<Bytes> next_zstd();
  Result<Bytes> uncompress_snappy_block(Bytes block);

  CodecScratch::Contexts& contexts_;
  Codec codec_;
  Bytes rest_;
  std::size_t left_;  ///< plain bytes still allowed
  bool begun_ = false;
  bool ended_ = false;
  bool framed_ = false;  ///< snappy in snappy-java's framing
};

/// All of it at once. Errors: as Decompressor::next().
Result<ByteBuffer> decompress(CodecScratch& scratch, Codec codec, Bytes compressed,
                              std::size_t bytes_max = kDecompressedBytesMax);

}  // namespace gregor::record
