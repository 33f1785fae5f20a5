// Which names a topic may have, and which names may not stand beside each other. Facts of Kafka's Topic class.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gregor::metadata {

inline constexpr std::size_t kTopicNameLengthMax = 249;

/// What is wrong with the name, for people; none where nothing is.
std::optional<std::string> fault_of_topic_name(std::string_view name);

/// Metric names cannot tell '.' from '_', so that two topics may not differ in that alone. Names that collide have one
/// form in common.
std::string collision_form_of(std::string_view topic_name);
bool may_collide(std::string_view topic_name);

/// Topics that the cluster itself lives on, as Metadata flags them.
bool is_internal_topic(std::string_view topic_name);

}  // namespace gregor::metadata
