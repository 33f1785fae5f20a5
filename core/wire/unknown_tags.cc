#include "wire/unknown_tags.h"

#include "base/check.h"

namespace gregor::wire {

UnknownTags::UnknownTags(const UnknownTags& other)
    : tags_(other.tags_ ? std::make_unique<std::vector<UnknownTag>>(*other.tags_) : nullptr) {}

UnknownTags& UnknownTags::operator=(const UnknownTags& other) {
  if (this != &other) tags_ = other.tags_ ? std::make_unique<std::vector<UnknownTag>>(*other.tags_) : nullptr;
  return *this;
}

void UnknownTags::add(std::uint32_t number, Bytes bytes) {
  CHECK(number <= kTagMax);
  if (!tags_) tags_ = std::make_unique<std::vector<UnknownTag>>();
  CHECK(tags_->empty() || tags_->back().number < number);
  tags_->push_back({number, bytes});
}

}  // namespace gregor::wire
