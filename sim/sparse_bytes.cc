#include "sim/sparse_bytes.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace gregor::sim {

SparseBytes::Page& SparseBytes::own_page(std::uint64_t index) {
  std::shared_ptr<Page>& page = pages_[index];
  if (page == nullptr) {
    page = std::make_shared<Page>(Page{});
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return *page;
}

void SparseBytes::resize(std::uint64_t size) {
  const std::uint64_t page_count = (size + kPageBytes - 1) / kPageBytes;
  if (size < size_) {
    pages_.resize(page_count);
    const std::size_t kept = size % kPageBytes;
    if (kept != 0 && pages_.back() != nullptr) {
      Page& last = own_page(page_count - 1);
      std::fill(last.begin() + static_cast<std::ptrdiff_t>(kept), last.end(), std::byte{0});
    }
  } else {
    pages_.resize(page_count);
  }
  size_ = size;
}

void SparseBytes::write(std::uint64_t at, Bytes bytes) {
  if (bytes.empty()) return;
  if (at + bytes.size() > size_) resize(at + bytes.size());
  while (!bytes.empty()) {
    const std::size_t within = at % kPageBytes;
    const std::size_t count = std::min(bytes.size(), kPageBytes - within);
    std::memcpy(own_page(at / kPageBytes).data() + within, bytes.data(), count);
    bytes = bytes.subspan(count);
    at += count;
  }
}

std::size_t SparseBytes::read(std::uint64_t at, MutableBytes into) const {
  if (at >= size_) return 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - at));
  for (std::size_t done = 0; done < wanted;) {
    const std::size_t within = (at + done) % kPageBytes;
    const std::size_t count = std::min(wanted - done, kPageBytes - within);
    const auto& page = pages_[(at + done) / kPageBytes];
    if (page == nullptr) {
      std::memset(into.data() + done, 0, count);
    } else {
      std::memcpy(into.data() + done, page->data() + within, count);
    }
    done += count;
  }
  return wanted;
}

std::byte SparseBytes::byte_at(std::uint64_t at) const {
  CHECK(at < size_);
  const auto& page = pages_[at / kPageBytes];
  return page == nullptr ? std::byte{0} : (*page)[at % kPageBytes];
}

void SparseBytes::flip_bit(std::uint64_t at, unsigned bit) {
  CHECK(at < size_ && bit < 8);
  own_page(at / kPageBytes)[at % kPageBytes] ^= std::byte{1} << bit;
}

ByteBuffer SparseBytes::copy() const {
  ByteBuffer bytes(size_);
  read(0, bytes);
  return bytes;
}

bool SparseBytes::operator==(const SparseBytes& other) const {
  return size_ == other.size_ && copy() == other.copy();
}

}  // namespace gregor::sim
