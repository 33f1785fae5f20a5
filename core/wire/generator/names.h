// From Kafka's names to C++'s and JSON's.
#pragma once

#include <string>
#include <string_view>

namespace gregor::wire::generator {

/// TransactionalId -> transactional_id; KRaft is one word, and 2Pc too.
std::string snake_case(std::string_view name);
/// TransactionalId -> transactionalId, as Kafka's JSON converter does.
std::string camel_case(std::string_view name);
/// ProduceRequest -> Produce, for requests and responses.
std::string api_name(std::string_view message_name);

}  // namespace gregor::wire::generator
