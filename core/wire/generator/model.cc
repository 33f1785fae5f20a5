#include "model.h"

#include <algorithm>
#include <stdexcept>

namespace gregor::wire::generator {
namespace {

bool holds(const std::vector<Struct>& structs, const std::string& name) {
  return std::any_of(structs.begin(), structs.end(), [&](const Struct& known) { return known.name == name; });
}

}  // namespace

const Struct& Message::find(const std::string& struct_name) const {
  for (const Struct& known : structs) {
    if (known.name == struct_name) return known;
  }
  throw std::runtime_error(name + ": no struct " + struct_name);
}

void Message::sort_structs() {
  std::vector<Struct> sorted;
  while (sorted.size() < structs.size()) {
    const std::size_t before = sorted.size();
    for (const Struct& next : structs) {
      const bool ready = std::all_of(next.fields.begin(), next.fields.end(), [&](const Field& field) {
        return field.kind != Kind::structure || holds(sorted, field.struct_name);
      });
      if (ready && !holds(sorted, next.name)) sorted.push_back(next);
    }
    if (sorted.size() == before) throw std::runtime_error(name + ": a struct holds itself");
  }
  structs = std::move(sorted);
}

}  // namespace gregor::wire::generator
