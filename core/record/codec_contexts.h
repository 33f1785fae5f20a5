// What CodecScratch keeps. Private to the codecs: the only header that shows the libraries.
#pragma once

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

#include "record/codec.h"

namespace gregor::record {

inline constexpr std::size_t kPlainPieceBytes = 64 * 1024;

/// The first bytes of snappy-java's framing: magic, version 1, least compatible version 1.
inline constexpr std::array<std::byte, 16> kXerialHeader = {
    std::byte{0x82}, std::byte{'S'}, std::byte{'N'}, std::byte{'A'}, std::byte{'P'}, std::byte{'P'},
    std::byte{'Y'},  std::byte{0},   std::byte{0},   std::byte{0},   std::byte{0},   std::byte{1},
    std::byte{0},    std::byte{0},   std::byte{0},   std::byte{1}};
inline constexpr std::size_t kXerialMagicBytes = 8;

struct CodecScratch::Contexts {
  Contexts() = default;
  ~Contexts();
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  z_stream deflate{};
  z_stream inflate{};
  bool inflate_ready = false;
  LZ4F_dctx* lz4 = nullptr;
  ZSTD_DCtx* zstd_reader = nullptr;
  ZSTD_CCtx* zstd_writer = nullptr;
  ByteBuffer piece;
};

}  // namespace gregor::record
