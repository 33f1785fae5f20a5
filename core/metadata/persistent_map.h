// PersistentMap<K, V>: an ordered map whose copies share what they have in common. Copying costs one reference count;
// insert and erase copy the O(log n) nodes on their path and leave every other copy as it was. Copies may be read on
// different threads at once. Order is that of the keys, whatever the history (an AVL tree).
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace gregor::metadata {

template <class K, class V, class Less = std::less<>>
class PersistentMap {
 public:
  /// The value under `key`, or null. Good as long as any copy that holds it.
  template <class Q>
  [[nodiscard]] const V* find(const Q& key) const {
    for (const Node* at = root_.get(); at != nullptr;) {
      if (Less{}(key, at->key)) {
        at = at->left.get();
      } else if (Less{}(at->key, key)) {
        at = at->right.get();
      } else {
        return &at->value;
      }
    }
    return nullptr;
  }
  /// Inserts, or replaces the value under `key`.
  void set(K key, V value) { root_ = with(root_, std::move(key), std::move(value)); }
  template <class Q>
  void erase(const Q& key) {
    if (find(key) != nullptr) root_ = without(root_, key);
  }
  [[nodiscard]] std::size_t size() const { return size_of(root_); }
  [[nodiscard]] bool empty() const { return root_ == nullptr; }

  /// Calls visit(key, value) in order of keys.
  template <class Visit>
  void for_each(Visit&& visit) const {
    walk(root_.get(), visit);
  }
  /// The same from the first key that is not less than `from`; ends early when visit returns false.
  template <class Q, class Visit>
  void for_each_from(const Q& from, Visit&& visit) const {
    walk_from(root_.get(), from, visit);
  }
  /// True when both share one tree: a cheap sign that nothing changed. False proves nothing.
  [[nodiscard]] bool is_same_as(const PersistentMap& other) const { return root_ == other.root_; }

 private:
  struct Node;
  using Link = std::shared_ptr<const Node>;
  struct Node {
    K key;
    V value;
    Link left;
    Link right;
    int height;
    std::size_t size;
  };

  static int height_of(const Link& node) { return node ? node->height : 0; }
  static std::size_t size_of(const Link& node) { return node ? node->size : 0; }

  static Link join(K key, V value, Link left, Link right) {
    const int height = 1 + std::max(height_of(left), height_of(right));
    const std::size_t size = 1 + size_of(left) + size_of(right);
    return std::make_shared<const Node>(
        Node{std::move(key), std::move(value), std::move(left), std::move(right), height, size});
  }
  /// join() of two sides whose heights differ by at most two.
  static Link balanced(K key, V value, Link left, Link right) {
    if (height_of(left) > height_of(right) + 1) {
      if (height_of(left->left) >= height_of(left->right)) {
        return join(left->key, left->value, left->left,
                    join(std::move(key), std::move(value), left->right, std::move(right)));
      }
      const Link& middle = left->right;
      return join(middle->key, middle->value, join(left->key, left->value, left->left, middle->left),
                  join(std::move(key), std::move(value), middle->right, std::move(right)));
    }
    if (height_of(right) > height_of(left) + 1) {
      if (height_of(right->right) >= height_of(right->left)) {
        return join(right->key, right->value, join(std::move(key), std::move(value), std::move(left), right->left),
                    right->right);
      }
      const Link& middle = right->left;
      return join(middle->key, middle->value, join(std::move(key), std::move(value), std::move(left), middle->left),
                  join(right->key, right->value, middle->right, right->right));
    }
    return join(std::move(key), std::move(value), std::move(left), std::move(right));
  }
  static Link with(const Link& node, K key, V value) {
    if (!node) return join(std::move(key), std::move(value), nullptr, nullptr);
    if (Less{}(key, node->key)) {
      return balanced(node->key, node->value, with(node->left, std::move(key), std::move(value)), node->right);
    }
    if (Less{}(node->key, key)) {
      return balanced(node->key, node->value, node->left, with(node->right, std::move(key), std::move(value)));
    }
    return join(std::move(key), std::move(value), node->left, node->right);
  }
  static const Node* first(const Node* node) {
    while (node->left) node = node->left.get();
    return node;
  }
  template <class Q>
  static Link without(const Link& node, const Q& key) {
    if (Less{}(key, node->key)) return balanced(node->key, node->value, without(node->left, key), node->right);
    if (Less{}(node->key, key)) return balanced(node->key, node->value, node->left, without(node->right, key));
    if (!node->left) return node->right;
    if (!node->right) return node->left;
    const Node* next = first(node->right.get());
    return balanced(next->key, next->value, node->left, without(node->right, next->key));
  }
  template <class Visit>
  static void walk(const Node* node, Visit& visit) {
    if (node == nullptr) return;
    walk(node->left.get(), visit);
    visit(node->key, node->value);
    walk(node->right.get(), visit);
  }
  template <class Q, class Visit>
  static bool walk_from(const Node* node, const Q& from, Visit& visit) {
    if (node == nullptr) return true;
    if (!Less{}(node->key, from)) {
      if (!walk_from(node->left.get(), from, visit)) return false;
      if (!visit(node->key, node->value)) return false;
    }
    return walk_from(node->right.get(), from, visit);
  }

  Link root_;
};

}  // namespace gregor::metadata
