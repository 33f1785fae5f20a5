// Json::parse, by recursive descent with a bound on depth.
#include <charconv>

#include "wire/json.h"
#include "wire/utf8.h"

namespace gregor::wire {
namespace {

class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  Result<Json> run() {
    Json value;
    if (!take_value(value, 0) || (skip_blanks(), at_ != text_.size() && !stop("something behind the value"))) {
      return fail(Errc::malformed, "JSON: " + std::string(fault_) + ", at byte " + std::to_string(fault_at_));
    }
    return value;
  }

 private:
  bool stop(std::string_view what) {
    if (fault_.empty()) {
      fault_ = what;
      fault_at_ = at_;
    }
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take_if(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return stop("an unknown word");
    at_ += word.size();
    return true;
  }

  bool take_value(Json& into, int depth) {
    if (depth > Json::kDepthMax) return stop("nested too deeply");
    skip_blanks();
    if (at_ == text_.size()) return stop("ends early");
    switch (text_[at_]) {
      case '{':
        return take_object(into, depth);
      case '[':
        return take_array(into, depth);
      case '"': {
        std::string text;
        if (!take_text(text)) return false;
        into = Json(std::move(text));
        return true;
      }
      case 't':
        into = Json(true);
        return take_word("true");
      case 'f':
        into = Json(false);
        return take_word("false");
      case 'n':
        into = Json();
        return take_word("null");
      default:
        return take_number(into);
    }
  }

  bool take_array(Json& into, int depth) {
    Json::Array array;
    ++at_;
    if (!take_if(']')) {
      do {
        if (!take_value(array.emplace_back(), depth + 1)) return false;
      } while (take_if(','));
      if (!take_if(']')) return stop("an array does not end");
    }
    into = Json(std::move(array));
    return true;
  }

  bool take_object(Json& into, int depth) {
    Json::Object object;
    ++at_;
    if (!take_if('}')) {
      do {
        skip_blanks();
        auto& [name, value] = object.emplace_back();
        if (at_ == text_.size() || text_[at_] != '"') return stop("a member has no name");
        if (!take_text(name)) return false;
        if (!take_if(':')) return stop("a member has no value");
        if (!take_value(value, depth + 1)) return false;
      } while (take_if(','));
      if (!take_if('}')) return stop("an object does not end");
    }
    into = Json(std::move(object));
    return true;
  }

  bool take_number(Json& into) {
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    std::int64_t integer = 0;
    double real = 0;
    const char* last = word.data() + word.size();
    if (const auto read = std::from_chars(word.data(), last, integer);
        !word.empty() && read.ec == std::errc() && read.ptr == last) {
      into = Json(integer);
    } else if (const auto wide = std::from_chars(word.data(), last, real);
               !word.empty() && wide.ec == std::errc() && wide.ptr == last) {
      into = Json(real);
    } else {
      return stop("no value");
    }
    at_ = end;
    return true;
  }

  bool take_text(std::string& into) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!take_escape(into)) return false;
        continue;
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0 || static_cast<unsigned char>(c) < 0x20)
        return stop("a text with a byte that may not stand there");
      into += text_.substr(at_, length);
      at_ += length;
    }
    return stop("a text does not end");
  }

  bool take_escape(std::string& into) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ + 1 >= text_.size()) return stop("a text does not end");
    const char letter = text_[at_ + 1];
    if (const std::size_t known = kLetters.find(letter); known != std::string_view::npos) {
      into += kMeanings[known];
      at_ += 2;
      return true;
    }
    std::uint32_t unit = 0;
    if (letter != 'u' || !take_unit(unit)) return stop("an unknown escape");
    if (unit >= 0xd800 && unit < 0xdc00) {
      std::uint32_t low = 0;
      if (!take_unit(low) || low < 0xdc00 || low > 0xdfff) return stop("half of a surrogate pair");
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if (unit >= 0xdc00 && unit < 0xe000) {
      return stop("half of a surrogate pair");
    }
    append_utf8(into, unit);
    return true;
  }

  /// \uXXXX
  bool take_unit(std::uint32_t& unit) {
    if (at_ + 6 > text_.size() || text_[at_] != '\\' || text_[at_ + 1] != 'u') return false;
    const char* first = text_.data() + at_ + 2;
    const auto read = std::from_chars(first, first + 4, unit, 16);
    if (read.ec != std::errc() || read.ptr != first + 4) return false;
    at_ += 6;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view fault_;
  std::size_t fault_at_ = 0;
};

}  // namespace

Result<Json> Json::parse(std::string_view text) {
  return JsonParser(text).run();
}

}  // namespace gregor::wire
