// Compression: one call a batch. The contexts of libraries live in CodecScratch; decompression is in decompressor.cc.
#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "base/check.h"
#include "record/codec.h"
#include "record/codec_contexts.h"

namespace gregor::record {

namespace {

constexpr std::size_t kSnappyBlockBytes = 32 * 1024;

Result<void> compress_gzip(z_stream& stream, int level, Bytes plain, ByteBuffer& onto) {
  constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip wrapper
  stream = z_stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(Errc::io, "gzip: zlib gave no stream");
  }
  const std::size_t before = onto.size();
  onto.resize(before + deflateBound(&stream, plain.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(onto.data() + before);
  stream.avail_out = static_cast<uInt>(onto.size() - before);
  const int outcome = deflate(&stream, Z_FINISH);
  onto.resize(before + stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) return fail(Errc::io, "gzip: zlib did not finish");
  return {};
}

/// snappy-java's framing: a magic, two versions, then blocks of up to 32 KiB, each after its length.
Result<void> compress_snappy(Bytes plain, ByteBuffer& onto) {
  append_bytes(onto, Bytes(kXerialHeader));
  while (!plain.empty()) {
    const Bytes block = plain.first(std::min(plain.size(), kSnappyBlockBytes));
    plain = plain.subspan(block.size());
    const std::size_t before = onto.size();
    std::size_t length = snappy_max_compressed_length(block.size());
    onto.resize(before + 4 + length);
    const snappy_status status = snappy_compress(text_of(block).data(), block.size(),
                                                 reinterpret_cast<char*>(onto.data() + before + 4), &length);
    if (status != SNAPPY_OK) return fail(Errc::io, "snappy: the library failed");
    store_big_endian(onto.data() + before, static_cast<std::uint32_t>(length));
    onto.resize(before + 4 + length);
  }
  return {};
}

Result<void> compress_lz4(int level, Bytes plain, ByteBuffer& onto) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level;
  const std::size_t before = onto.size();
  onto.resize(before + LZ4F_compressFrameBound(plain.size(), &preferences));
  const std::size_t length =
      LZ4F_compressFrame(onto.data() + before, onto.size() - before, plain.data(), plain.size(), &preferences);
  if (LZ4F_isError(length) != 0) return fail(Errc::io, std::string("lz4: ") + LZ4F_getErrorName(length));
  onto.resize(before + length);
  return {};
}

Result<void> compress_zstd(ZSTD_CCtx* context, int level, Bytes plain, ByteBuffer& onto) {
  const std::size_t before = onto.size();
  onto.resize(before + ZSTD_compressBound(plain.size()));
  const std::size_t length =
      ZSTD_compressCCtx(context, onto.data() + before, onto.size() - before, plain.data(), plain.size(), level);
  if (ZSTD_isError(length) != 0) return fail(Errc::io, std::string("zstd: ") + ZSTD_getErrorName(length));
  onto.resize(before + length);
  return {};
}

}  // namespace

const char* name_of(Codec codec) {
  switch (codec) {
    case Codec::none:
      return "none";
    case Codec::gzip:
      return "gzip";
    case Codec::snappy:
      return "snappy";
    case Codec::lz4:
      return "lz4";
    case Codec::zstd:
      return "zstd";
  }
  return "unknown";
}

bool is_level_of(Codec codec, int level) {
  switch (codec) {
    case Codec::gzip:
      return level == -1 || (level >= 1 && level <= 9);
    case Codec::lz4:
      return level >= 1 && level <= 17;
    case Codec::zstd:
      return level >= -131072 && level <= 22;
    default:
      return false;
  }
}

CodecScratch::Contexts::~Contexts() {
  if (inflate_ready) inflateEnd(&inflate);
  LZ4F_freeDecompressionContext(lz4);
  ZSTD_freeDCtx(zstd_reader);
  ZSTD_freeCCtx(zstd_writer);
}

CodecScratch::CodecScratch() : contexts_(std::make_unique<Contexts>()) {}
CodecScratch::~CodecScratch() = default;
CodecScratch::CodecScratch(CodecScratch&&) noexcept = default;
CodecScratch& CodecScratch::operator=(CodecScratch&&) noexcept = default;

Result<void> compress(CodecScratch& scratch, Codec codec, int level, Bytes plain, ByteBuffer& onto) {
  const bool is_default = level == kDefaultLevel;
  if (!is_default && !is_level_of(codec, level)) {
    return fail(Errc::invalid, std::string("no level of ") + name_of(codec) + ": " + std::to_string(level));
  }
  if (plain.size() > kDecompressedBytesMax) return fail(Errc::invalid, "too many bytes for one batch");
  CodecScratch::Contexts& contexts = *scratch.contexts_;
  switch (codec) {
    case Codec::none:
      append_bytes(onto, plain);
      return {};
    case Codec::gzip:
      return compress_gzip(contexts.deflate, is_default ? Z_DEFAULT_COMPRESSION : level, plain, onto);
    case Codec::snappy:
      return compress_snappy(plain, onto);
    case Codec::lz4:
      return compress_lz4(is_default || level == 9 ? 0 : level, plain,
                          onto);  // Kafka too takes the fast way for its default, 9
    case Codec::zstd:
      if (contexts.zstd_writer == nullptr) contexts.zstd_writer = ZSTD_createCCtx();
      return compress_zstd(contexts.zstd_writer, is_default ? ZSTD_CLEVEL_DEFAULT : level, plain, onto);
  }
  return fail(Errc::unsupported, "unknown codec");
}

}  // namespace gregor::record
