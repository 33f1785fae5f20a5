// A client that sends whatever a test wants, on a blocking socket of loopback: frames right and wrong, and what comes
// back. Every wait ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "wire/frame.h"

namespace gregor::program {

inline constexpr std::chrono::milliseconds kAnswerPatience{10'000};

class RawClient {
 public:
  /// Connects to 127.0.0.1; is_open() tells whether that worked.
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }
  /// False when the other side took not all of it.
  bool send(Bytes bytes);
  /// The next frame without its size; none at the end of the connection or of patience.
  std::optional<ByteBuffer> receive(std::chrono::milliseconds patience = kAnswerPatience);
  /// Whether the other side ends the connection in time; what it still sends is thrown away.
  bool is_ended(std::chrono::milliseconds patience = kAnswerPatience);
  /// Everything up to the end of the connection or of patience, as text.
  std::string read_to_end(std::chrono::milliseconds patience = kAnswerPatience);
  /// Says that nothing more will be sent.
  void finish();

  /// None when there is no answer that can be read.
  template <class Response, class Request>
  std::optional<Response> ask(const Request& request, std::int16_t version) {
    const auto frame = wire::encode_request_frame(
        {.request_api_version = version, .correlation_id = ++correlation_id_, .client_id = "raw"}, request);
    if (!frame || !send(*frame)) return std::nullopt;
    auto reply = receive();
    if (!reply) return std::nullopt;
    last_ = std::move(*reply);
    wire::Reader from{Bytes(last_)};
    const auto header = wire::decode_response_header(from, Response::kApiKey, version);
    Response response;
    if (!header || header->correlation_id != correlation_id_ || !decode(from, response, version)) return std::nullopt;
    return response;
  }

 private:
  bool read_exactly(MutableBytes into, std::chrono::steady_clock::time_point deadline);
  bool wait_readable(std::chrono::steady_clock::time_point deadline) const;

  int socket_ = -1;
  std::int32_t correlation_id_ = 0;
  ByteBuffer last_;  ///< what the newest response borrows from
};

/// A port of loopback that nobody had a moment ago.
std::uint16_t free_port();

/// The bytes of a frame: its size as it claims it, then the content.
ByteBuffer framed(std::int32_t claimed_size, Bytes content);
inline ByteBuffer framed(Bytes content) {
  return framed(static_cast<std::int32_t>(content.size()), content);
}

}  // namespace gregor::program
