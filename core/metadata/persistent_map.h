// PersistentMap<K, V>: an ordered map whose copies share what they have in common. Copying costs one reference count;
// insert and erase copy the O(log n) nodes on their path and leave every other copy as it was. Copies may be read on
// different threads at once. Order is that of the keys, whatever the history (an AVL tree).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "base/check.h"

namespace gregor::metadata {

/// An AVL tree of 2^32 items is lower than this.
inline constexpr std::size_t kHeightMax = 48;

template <class K, class V, class Less = std::less<>>
class PersistentMap {
 private:
  struct Node;
  using Link = std::shared_ptr<const Node>;

 public:
  using Item = std::pair<const K, V>;

  /// The value under `key`, or null. Good as long as any copy that holds it.
  template <class Q>
  [[nodiscard]] const V* find(const Q& key) const {
    for (const Node* at = root_.get(); at != nullptr;) {
      if (Less{}(key, at->item.first)) {
        at = at->left.get();
      } else if (Less{}(at->item.first, key)) {
        at = at->right.get();
      } else {
        return &at->item.second;
      }
    }
    return nullptr;
  }
  template <class Q>
  [[nodiscard]] bool contains(const Q& key) const {
    return find(key) != nullptr;
  }
  /// Inserts, or replaces the value under `key`.
  void set(K key, V value) { root_ = with(root_, Item(std::move(key), std::move(value))); }
  template <class Q>
  void erase(const Q& key) {
    if (contains(key)) root_ = without(root_, key);
  }
  [[nodiscard]] std::size_t size() const { return size_of(root_); }
  [[nodiscard]] bool empty() const { return root_ == nullptr; }

  /// Items in order of keys. Good while the map lives unchanged.
  class Iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const Node* root) { descend(root); }
    const Item& operator*() const { return path_[depth_ - 1]->item; }
    const Item* operator->() const { return &**this; }
    Iterator& operator++() {
      const Node* done = path_[--depth_];
      descend(done->right.get());
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const {
      return depth_ == other.depth_ && (depth_ == 0 || path_[depth_ - 1] == other.path_[depth_ - 1]);
    }

   private:
    friend class PersistentMap;
    void push(const Node* node) {
      CHECK(depth_ < kHeightMax);
      path_[depth_++] = node;
    }
    void descend(const Node* node) {
      for (; node != nullptr; node = node->left.get()) push(node);
    }
    std::array<const Node*, kHeightMax> path_{};  // the ancestors that are still to be visited
    std::size_t depth_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(root_.get()); }
  [[nodiscard]] Iterator end() const { return Iterator(); }
  /// The first item whose key is not less than `key`.
  template <class Q>
  [[nodiscard]] Iterator lower_bound(const Q& key) const {
    Iterator found;
    for (const Node* at = root_.get(); at != nullptr;) {
      const bool is_before = Less{}(at->item.first, key);
      if (!is_before) found.push(at);
      at = is_before ? at->right.get() : at->left.get();
    }
    return found;
  }

  bool operator==(const PersistentMap& other) const {
    return root_ == other.root_ || (size() == other.size() && std::equal(begin(), end(), other.begin()));
  }

 private:
  struct Node {
    Item item;
    Link left;
    Link right;
    int height;
    std::size_t size;
  };

  static int height_of(const Link& node) { return node ? node->height : 0; }
  static std::size_t size_of(const Link& node) { return node ? node->size : 0; }

  static Link join(Item item, Link left, Link right) {
    const int height = 1 + std::max(height_of(left), height_of(right));
    const std::size_t size = 1 + size_of(left) + size_of(right);
    return std::make_shared<const Node>(Node{std::move(item), std::move(left), std::move(right), height, size});
  }
  /// join() of two sides whose heights differ by at most two.
  static Link balanced(Item item, Link left, Link right) {
    if (height_of(left) > height_of(right) + 1) return leaning_left(std::move(item), left, right);
    if (height_of(right) > height_of(left) + 1) return leaning_right(std::move(item), left, right);
    return join(std::move(item), std::move(left), std::move(right));
  }
  static Link leaning_left(Item item, const Link& left, const Link& right) {
    if (height_of(left->left) >= height_of(left->right)) {
      return join(left->item, left->left, join(std::move(item), left->right, right));
    }
    const Link& middle = left->right;
    return join(middle->item, join(left->item, left->left, middle->left), join(std::move(item), middle->right, right));
  }
  static Link leaning_right(Item item, const Link& left, const Link& right) {
    if (height_of(right->right) >= height_of(right->left)) {
      return join(right->item, join(std::move(item), left, right->left), right->right);
    }
    const Link& middle = right->left;
    return join(middle->item, join(std::move(item), left, middle->left),
                join(right->item, middle->right, right->right));
  }
  static Link with(const Link& node, Item item) {
    if (!node) return join(std::move(item), nullptr, nullptr);
    if (Less{}(item.first, node->item.first)) {
      return balanced(node->item, with(node->left, std::move(item)), node->right);
    }
    if (Less{}(node->item.first, item.first)) {
      return balanced(node->item, node->left, with(node->right, std::move(item)));
    }
    return join(std::move(item), node->left, node->right);
  }
  template <class Q>
  static Link without(const Link& node, const Q& key) {
    if (Less{}(key, node->item.first)) return balanced(node->item, without(node->left, key), node->right);
    if (Less{}(node->item.first, key)) return balanced(node->item, node->left, without(node->right, key));
    if (!node->left) return node->right;
    if (!node->right) return node->left;
    const Node* next = node->right.get();
    while (next->left) next = next->left.get();
    return balanced(next->item, node->left, without(node->right, next->item.first));
  }

  Link root_;
};

}  // namespace gregor::metadata
