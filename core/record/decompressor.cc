// Decompressor: plain bytes piece by piece, so that a small batch that unpacks to gigabytes costs time within its limit
// and never memory.
#include <snappy-c.h>

#include <algorithm>

#include "base/check.h"
#include "record/codec.h"
#include "record/codec_contexts.h"

namespace gregor::record {

namespace {

constexpr std::size_t kSnappyGrowthMax = 32;  // no element of the format yields more than 64 bytes for 3 or 32 for 1.5
constexpr std::size_t kRetainedPieceBytes = 1 << 20;

tl::unexpected<Error> cut(Codec codec) {
  return fail(Errc::malformed, std::string(name_of(codec)) + ": the stream ends in its middle");
}

bool begins_gzip_member(Bytes rest) {
  return rest.size() >= 3 && rest[0] == std::byte{0x1f} && rest[1] == std::byte{0x8b} && rest[2] == std::byte{8};
}

}  // namespace

Decompressor::Decompressor(CodecScratch& scratch, Codec codec, Bytes compressed, std::size_t bytes_max)
    : contexts_(*scratch.contexts_), codec_(codec), rest_(compressed), left_(bytes_max) {
  ByteBuffer& piece = contexts_.piece;
  if (piece.size() > kRetainedPieceBytes) ByteBuffer().swap(piece);
  if (piece.size() < kPlainPieceBytes) piece.resize(kPlainPieceBytes);
}

Result<Bytes> Decompressor::next() {
  auto piece = [this]() -> Result<Bytes> {
    switch (codec_) {
      case Codec::none:
        return std::exchange(rest_, Bytes{});
      case Codec::gzip:
        return next_gzip();
      case Codec::snappy:
        return next_snappy();
      case Codec::lz4:
        return next_lz4();
      case Codec::zstd:
        return next_zstd();
    }
    return fail(Errc::unsupported, "unknown codec");
  }();
  if (!piece) return piece;
  if (piece->size() > left_) return fail(Errc::limit, "the records unpack to more bytes than one batch may hold");
  left_ -= piece->size();
  return piece;
}

Result<Bytes> Decompressor::next_gzip() {
  z_stream& stream = contexts_.inflate;
  if (!begun_) {
    begun_ = true;
    constexpr int kGzipWindow = 15 + 16;
    const int outcome =
        contexts_.inflate_ready ? inflateReset2(&stream, kGzipWindow) : inflateInit2(&stream, kGzipWindow);
    if (outcome != Z_OK) return fail(Errc::io, "gzip: zlib gave no stream");
    contexts_.inflate_ready = true;
  }
  stream.next_out = reinterpret_cast<Bytef*>(contexts_.piece.data());
  stream.avail_out = static_cast<uInt>(kPlainPieceBytes);
  while (!ended_ && stream.avail_out == kPlainPieceBytes) {
    if (rest_.empty()) return cut(codec_);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
    stream.avail_in = static_cast<uInt>(rest_.size());
    const int outcome = inflate(&stream, Z_NO_FLUSH);
    rest_ = rest_.last(stream.avail_in);
    if (outcome == Z_STREAM_END) {
      ended_ = !begins_gzip_member(rest_);  // anything else that trails is ignored, as Java does
      if (!ended_) inflateReset(&stream);
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return fail(Errc::malformed, "gzip: not a stream of this codec");
    }
  }
  return Bytes(contexts_.piece).first(kPlainPieceBytes - stream.avail_out);
}

Result<Bytes> Decompressor::uncompress_snappy_block(Bytes block) {
  const char* from = text_of(block).data();
  std::size_t length = 0;
  if (snappy_uncompressed_length(from, block.size(), &length) != SNAPPY_OK ||
      length > block.size() * kSnappyGrowthMax) {
    return fail(Errc::malformed, "snappy: no block of this codec");
  }
  if (length > left_) return fail(Errc::limit, "the records unpack to more bytes than one batch may hold");
  if (contexts_.piece.size() < length) contexts_.piece.resize(length);
  if (snappy_uncompress(from, block.size(), reinterpret_cast<char*>(contexts_.piece.data()), &length) != SNAPPY_OK) {
    return fail(Errc::malformed, "snappy: a broken block");
  }
  return Bytes(contexts_.piece).first(length);
}

Result<Bytes> Decompressor::next_snappy() {
  const auto at_magic = [this] {
    return rest_.size() >= kXerialMagicBytes &&
           std::equal(kXerialHeader.begin(), kXerialHeader.begin() + kXerialMagicBytes, rest_.begin());
  };
  if (!begun_) {
    begun_ = true;
    if (rest_.empty()) return cut(codec_);
    framed_ = at_magic();
    if (!framed_) return uncompress_snappy_block(std::exchange(rest_, Bytes{}));
  }
  while (!rest_.empty()) {
    if (at_magic()) {  // at the start, and where streams were joined
      if (rest_.size() < kXerialHeader.size()) return cut(codec_);
      rest_ = rest_.subspan(kXerialHeader.size());
      continue;
    }
    if (rest_.size() < 4) return cut(codec_);
    const auto length = load_big_endian<std::uint32_t>(rest_.data());
    rest_ = rest_.subspan(4);
    if (length > rest_.size()) return cut(codec_);
    const Bytes block = rest_.first(length);
    rest_ = rest_.subspan(length);
    auto plain = uncompress_snappy_block(block);
    if (!plain || !plain->empty()) return plain;
  }
  return Bytes{};
}

Result<Bytes> Decompressor::next_lz4() {
  if (!begun_) {
    begun_ = true;
    if (contexts_.lz4 == nullptr && LZ4F_isError(LZ4F_createDecompressionContext(&contexts_.lz4, LZ4F_VERSION)) != 0) {
      return fail(Errc::io, "lz4: the library gave no context");
    }
    LZ4F_resetDecompressionContext(contexts_.lz4);
  }
  std::size_t filled = 0;
  while (!ended_ && filled == 0) {
    if (rest_.empty()) return cut(codec_);
    std::size_t taken = rest_.size();
    filled = kPlainPieceBytes;
    const std::size_t hint =
        LZ4F_decompress(contexts_.lz4, contexts_.piece.data(), &filled, rest_.data(), &taken, nullptr);
    if (LZ4F_isError(hint) != 0) return fail(Errc::malformed, std::string("lz4: ") + LZ4F_getErrorName(hint));
    rest_ = rest_.subspan(taken);
    ended_ = hint == 0;  // what trails the frame is ignored, as Kafka does
    if (!ended_ && taken == 0 && filled == 0) return cut(codec_);
  }
  return Bytes(contexts_.piece).first(filled);
}

Result<Bytes> Decompressor::next_zstd() {
  if (!begun_) {
    begun_ = true;
    if (contexts_.zstd_reader == nullptr) contexts_.zstd_reader = ZSTD_createDCtx();
    ZSTD_DCtx_reset(contexts_.zstd_reader, ZSTD_reset_session_only);
    ended_ = true;  // between frames
  }
  ZSTD_outBuffer out{contexts_.piece.data(), kPlainPieceBytes, 0};
  while (out.pos == 0) {
    if (rest_.empty() && ended_) return Bytes{};
    ZSTD_inBuffer in{rest_.data(), rest_.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(contexts_.zstd_reader, &out, &in);
    if (ZSTD_isError(hint) != 0) return fail(Errc::malformed, std::string("zstd: ") + ZSTD_getErrorName(hint));
    rest_ = rest_.subspan(in.pos);
    ended_ = hint == 0;
    if (!ended_ && in.pos == 0 && out.pos == 0) return cut(codec_);
  }
  return Bytes(contexts_.piece).first(out.pos);
}

Result<ByteBuffer> decompress(CodecScratch& scratch, Codec codec, Bytes compressed, std::size_t bytes_max) {
  Decompressor pieces(scratch, codec, compressed, bytes_max);
  ByteBuffer plain;
  while (true) {
    TRY_ASSIGN(const Bytes piece, pieces.next());
    if (piece.empty()) return plain;
    append_bytes(plain, piece);
  }
}

}  // namespace gregor::record
