// ClientMetrics: which clients asked for a metrics subscription on this shard, and when they may ask or push again
// (KIP-714). Nothing is done with what they push: this broker has no receiver, so that the APIs are answered and not
// advertised, as by Kafka.
//
// Promises: at most kClientsMax are remembered; the one longest unheard of goes first. Pure but for its memory.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "config/client_metrics_config.h"
#include "metadata/image.h"
#include "wire/error_code.h"

namespace gregor::broker {

/// What a client shall push, and how often.
struct MetricsSubscription {
  std::int32_t id = 0;  ///< of the metrics, the interval and the client together
  std::int32_t push_interval_ms = config::kPushIntervalMsUsual;
  std::vector<std::string> metrics = {};  ///< prefixes of names, sorted; "*": all; none: push nothing
  bool operator==(const MetricsSubscription&) const = default;
};

/// All subscriptions of the image that are for the client, as one.
MetricsSubscription subscription_of(const metadata::Image& image, const Uuid& client_instance,
                                    const config::MetricsClient& client);

class ClientMetrics {
 public:
  static constexpr std::size_t kClientsMax = 16'384;

  /// THROTTLING_QUOTA_EXCEEDED where the client asks again too soon; a subscription that changed may be asked for at
  /// once.
  wire::ErrorCode on_get(const Uuid& client_instance, const MetricsSubscription& now_in_force, MonotonicTime now);

  struct Push {
    std::int32_t subscription_id = 0;
    bool terminating = false;
    std::int8_t compression_type = 0;
    std::size_t bytes = 0;
  };
  /// INVALID_REQUEST after the last push, THROTTLING_QUOTA_EXCEEDED, UNKNOWN_SUBSCRIPTION_ID,
  /// UNSUPPORTED_COMPRESSION_TYPE, TELEMETRY_TOO_LARGE; none where it is taken.
  wire::ErrorCode on_push(const Uuid& client_instance, const MetricsSubscription& now_in_force, const Push& push,
                          std::size_t bytes_max, MonotonicTime now);

  [[nodiscard]] std::size_t size() const { return clients_.size(); }

 private:
  struct Client {
    Uuid id = {};
    MetricsSubscription subscription = {};
    bool has_asked = false;
    bool has_pushed = false;
    MonotonicTime last_get = {};
    MonotonicTime last_push = {};
    bool terminating = false;
  };
  /// Made where it is new or its subscription changed; the newest of all from now on.
  Client& client_of(const Uuid& id, const MetricsSubscription& now_in_force);

  std::list<Client> newest_first_;
  std::map<Uuid, std::list<Client>::iterator> clients_;
};

}  // namespace gregor::broker
