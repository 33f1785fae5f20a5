#include "metadata/topic_name.h"

#include <algorithm>

namespace gregor::metadata {

namespace {
bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}
}  // namespace

std::optional<std::string> fault_of_topic_name(std::string_view name) {
  if (name.empty()) return "a topic name cannot be empty";
  if (name == "." || name == "..") return "a topic name cannot be \".\" or \"..\"";
  if (name.size() > kTopicNameLengthMax) {
    return "a topic name has at most " + std::to_string(kTopicNameLengthMax) + " characters, this one has " +
           std::to_string(name.size());
  }
  if (!std::all_of(name.begin(), name.end(), is_allowed)) {
    return "topic name \"" + std::string(name) +
           "\" holds a character other than ASCII letters, digits, '.', '_' and '-'";
  }
  return std::nullopt;
}

std::string collision_form_of(std::string_view topic_name) {
  std::string form(topic_name);
  std::replace(form.begin(), form.end(), '.', '_');
  return form;
}

bool may_collide(std::string_view topic_name) {
  return topic_name.find_first_of("._") != std::string_view::npos;
}

bool is_internal_topic(std::string_view topic_name) {
  return topic_name == "__consumer_offsets" || topic_name == "__transaction_state" ||
         topic_name == "__share_group_state";
}

}  // namespace gregor::metadata
