#include "runtime/gregor/names.h"

#include <algorithm>
#include <array>

namespace gregor::program {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kCodecs = {record::Codec::none, record::Codec::gzip, record::Codec::snappy, record::Codec::lz4,
                                record::Codec::zstd};

/// Whether a JSON writer takes the text as it is: well-formed UTF-8.
bool is_utf8(std::string_view text) {
  try {
    (void)Json(std::string(text)).dump();
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

std::string base64_or_dash(const std::optional<Bytes>& bytes) {
  return bytes ? base64(*bytes) : "-";
}

}  // namespace

Result<record::Codec> codec_named(std::string_view name) {
  const auto* found =
      std::find_if(kCodecs.begin(), kCodecs.end(), [&](record::Codec codec) { return name == record::name_of(codec); });
  if (found != kCodecs.end()) return *found;
  return fail(Errc::invalid, "there is no codec '" + std::string(name) + "': none, gzip, snappy, lz4, zstd");
}

Json json_of(const std::optional<Bytes>& bytes) {
  if (!bytes) return nullptr;
  if (is_utf8(text_of(*bytes))) return std::string(text_of(*bytes));
  return {{"base64", base64(*bytes)}};
}

void add_content(Json& onto, const record::RecordView& record) {
  onto["key"] = json_of(record.key);
  onto["value"] = json_of(record.value);
  if (record.headers.size() == 0) return;
  Json headers = Json::array();
  for (const record::HeaderView header : record.headers) {
    headers.push_back({{"name", json_of(bytes_of(header.key))}, {"value", json_of(header.value)}});
  }
  onto["headers"] = std::move(headers);
}

std::string base64(Bytes bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? kLetters[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string comparable_line(const record::RecordView& record) {
  std::string line = std::to_string(record.offset.value()) + '\t' + std::to_string(record.timestamp.ms) + '\t' +
                     base64_or_dash(record.key) + '\t' + base64_or_dash(record.value);
  for (const record::HeaderView header : record.headers) {
    line += '\t' + base64(bytes_of(header.key)) + '=' + base64_or_dash(header.value);
  }
  return line;
}

}  // namespace gregor::program
