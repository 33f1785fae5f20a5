#include "wire/registry.h"

namespace gregor::wire {

const MessageRow* find_message(std::string_view name) {
  for (const MessageRow& row : all_messages()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace gregor::wire
