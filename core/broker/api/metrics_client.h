// The client behind a request, as metrics subscriptions match it.
#pragma once

#include "broker/api/request.h"
#include "broker/client_metrics.h"

namespace gregor::broker::api {

inline config::MetricsClient metrics_client_of(const Request& request, const Uuid& client_instance) {
  return {.client_instance_id = client_instance.to_text(),
          .client_id = std::string(request.header.client_id.value_or("")),
          .client_source_address = request.client.peer.address,
          .client_source_port = std::to_string(request.client.peer.port)};
}

}  // namespace gregor::broker::api
