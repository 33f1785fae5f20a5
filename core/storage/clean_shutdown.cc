#include "storage/clean_shutdown.h"

#include "storage/text_fields.h"

namespace gregor::storage {
namespace {

constexpr std::string_view kEpochKey = "\"brokerEpoch\":";

}  // namespace

ByteBuffer format_clean_shutdown(BrokerEpoch broker_epoch) {
  const std::string text = "{\"version\":0," + std::string(kEpochKey) + std::to_string(broker_epoch.value()) + "}";
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

std::optional<BrokerEpoch> parse_clean_shutdown(Bytes content) {
  const auto text = text_of(content);
  const auto key = text.find(kEpochKey);
  if (key == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(key + kEpochKey.size());
  const auto begin = rest.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  const auto end = rest.find_first_of(",} \n", begin);
  const auto epoch = parse_number<std::int64_t>(rest.substr(begin, end == rest.npos ? rest.npos : end - begin));
  if (!epoch) return std::nullopt;
  return BrokerEpoch{*epoch};
}

}  // namespace gregor::storage
