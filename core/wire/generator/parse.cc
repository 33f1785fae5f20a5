#include "parse.h"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace gregor::wire::generator {
namespace {

struct Line {
  int number = 0;
  std::size_t depth = 0;  ///< pairs of leading blanks
  std::string text;
};

using Words = std::vector<std::string>;

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

class Parser {
 public:
  explicit Parser(const std::filesystem::path& path) : path_(path) { read_lines(); }

  SchemaFile run() {
    SchemaFile file;
    file.stem = path_.stem().string();
    if (file.stem.size() > 3 && file.stem[2] == '_' && file.stem[0] <= '9') file.stem = file.stem.substr(3);
    while (at_ < lines_.size()) {
      const Line& line = lines_[at_];
      if (line.depth != 0) stop("a message begins at the left edge");
      if (line.text.starts_with("family ")) {
        file.family = line.text.substr(7);
        ++at_;
        continue;
      }
      file.messages.push_back(message());
    }
    return file;
  }

 private:
  [[noreturn]] void stop(const std::string& what) const {
    const int line = at_ < lines_.size() ? lines_[at_].number : 0;
    throw std::runtime_error(path_.string() + ":" + std::to_string(line) + ": " + what);
  }

  void read_lines() {
    std::ifstream in(path_);
    if (!in) stop("cannot be read");
    std::string text;
    for (int number = 1; std::getline(in, text); ++number) {
      const std::size_t blanks = text.find_first_not_of(' ');
      if (blanks == std::string::npos || text[blanks] == '#') continue;
      if (blanks % 2 != 0)
        throw std::runtime_error(path_.string() + ":" + std::to_string(number) + ": odd indentation");
      lines_.push_back({number, blanks / 2, text.substr(blanks)});
    }
  }

  int number(const std::string& word) const {
    std::size_t used = 0;
    const int value = word.empty() || word[0] < '0' || word[0] > '9' ? -1 : std::stoi(word, &used);
    if (value < 0 || used != word.size()) stop("a number was expected, not '" + word + "'");
    return value;
  }

  /// since N, until N, only N, N to M; none when `words` say something else.
  std::optional<Range> range(const Words& words, Range outer) const {
    std::optional<Range> result;
    if (words.size() == 2 && words[0] == "since") result = Range{number(words[1]), outer.high};
    if (words.size() == 2 && words[0] == "until") result = Range{outer.low, number(words[1])};
    if (words.size() == 2 && words[0] == "only") result = Range{number(words[1]), number(words[1])};
    if (words.size() == 3 && words[1] == "to") result = Range{number(words[0]), number(words[2])};
    if (result && (result->low > result->high || result->low < outer.low || result->high > outer.high)) {
      stop("versions outside of those of the parent");
    }
    return result;
  }

  Message message() {
    static const std::map<std::string, MessageKind> kinds = {
        {"request", MessageKind::request}, {"response", MessageKind::response}, {"header", MessageKind::header},
        {"record", MessageKind::record},   {"key", MessageKind::key},           {"value", MessageKind::value},
        {"data", MessageKind::data}};
    const Words head = split(lines_[at_].text, ": ");
    const Words title = split(head.at(0), " ");
    if (head.size() != 2 || title.size() != 2 || !kinds.contains(title[0]))
      stop("a line 'KIND NAME: ...' was expected");
    Message made;
    made.kind = kinds.at(title[0]);
    made.name = made.root.name = title[1];
    for (const std::string& clause : split(head[1], ", ")) message_clause(split(clause, " "), made);
    const std::size_t first = at_++;
    while (at_ < lines_.size() && lines_[at_].depth == 1) {
      if (lines_[at_].text.starts_with("struct ")) {
        const std::string name = lines_[at_++].text.substr(7);
        add_struct(made, name, fields(made, 2, made.versions));
      } else {
        made.root.fields.push_back(field(made, 1, made.versions));
      }
    }
    if (at_ < lines_.size() && lines_[at_].depth > 1) stop("nothing above this line may have children");
    const std::size_t last = at_;
    at_ = first;  // a fault found now is told of the message's first line
    check(made);
    made.sort_structs();
    at_ = last;
    return made;
  }

  void message_clause(const Words& words, Message& made) {
    const std::string& verb = words[0];
    if ((verb == "key" || verb == "type") && words.size() == 2) {
      made.number = number(words[1]);
    } else if (verb == "version" && words.size() == 2) {
      made.versions = {number(words[1]), number(words[1])};
    } else if (verb == "versions" && words.size() == 4) {
      made.versions = {number(words[1]), number(words[3])};
    } else if (verb == "flexible" && words.size() == 3) {
      made.flexible_since = number(words[2]);
    } else if (verb == "always") {
      made.flexible_since = made.versions.low;
    } else if (verb == "listeners") {
      made.listeners.assign(words.begin() + 1, words.end());
    } else if (verb == "advertised" && words.size() == 4) {
      made.advertised = Range{number(words[1]), number(words[3])};
    } else {
      stop("unknown clause '" + verb + "'");
    }
  }

  std::vector<Field> fields(Message& message, std::size_t depth, Range outer) {
    std::vector<Field> result;
    while (at_ < lines_.size() && lines_[at_].depth == depth) result.push_back(field(message, depth, outer));
    return result;
  }

  void add_struct(Message& message, const std::string& name, std::vector<Field> members) {
    for (const Struct& known : message.structs) {
      if (known.name == name) stop("struct " + name + " is there twice");
    }
    message.structs.push_back({name, std::move(members)});
  }

  Field field(Message& message, std::size_t depth, Range outer) {
    const std::string text = lines_[at_].text;
    const std::size_t colon = text.find(": ");
    if (colon == std::string::npos) stop("a line 'NAME: TYPE ...' was expected");
    const Words clauses = split(text.substr(colon + 2), ", ");
    Field made{.name = text.substr(0, colon), .versions = outer, .line = lines_[at_].number};
    for (std::size_t i = 1; i < clauses.size(); ++i) modifier(split(clauses[i], " "), made, outer);
    type(split(clauses[0], " "), made);
    ++at_;
    std::vector<Field> children = fields(message, depth + 1, made.versions);
    if (!children.empty()) add_struct(message, made.struct_name, std::move(children));
    return made;
  }

  void modifier(const Words& words, Field& made, Range outer) {
    if (const auto versions = range(words, outer)) {
      made.versions = *versions;
    } else if (words[0] == "nullable") {
      made.nullable = range(Words(words.begin() + 1, words.end()), made.versions);
      if (!made.nullable) stop("nullable, but since when?");
    } else if (words[0] == "tag" && words.size() == 2) {
      made.tag = number(words[1]);
    } else if (words == Words{"ignorable"}) {
      made.ignorable = true;
    } else if (words == Words{"zero-copy"}) {
      made.zero_copy = true;
    } else if (words == Words{"never", "compact"}) {
      made.never_compact = true;
    } else if (words != Words{"map", "key"} && words[0] != "names") {
      stop("unknown modifier '" + words[0] + "'");
    }
  }

  void type(Words words, Field& made) {
    static const std::map<std::string, Kind> kinds = {
        {"bool", Kind::boolean}, {"int8", Kind::int8},     {"int16", Kind::int16}, {"uint16", Kind::uint16},
        {"int32", Kind::int32},  {"uint32", Kind::uint32}, {"int64", Kind::int64}, {"float64", Kind::float64},
        {"uuid", Kind::uuid},    {"string", Kind::string}, {"bytes", Kind::bytes}, {"records", Kind::records}};
    if (words[0] == "nullable") {
      made.nullable = made.versions;
      words.erase(words.begin());
    }
    if (words.size() == 3 && words[1] == "=") made.written = words[2];
    if (words.empty() || (words.size() != 1 && !made.written)) stop("a type was expected");
    made.array = words[0].starts_with("[]");
    const std::string name = made.array ? words[0].substr(2) : words[0];
    const auto known = kinds.find(name);
    made.kind = known != kinds.end() ? known->second : Kind::structure;
    if (made.kind == Kind::structure) made.struct_name = name;
    if (made.kind == Kind::records) made.zero_copy = true;
  }

  void check(const Message& made) const {
    if (made.versions.low > made.versions.high) stop("no versions");
    for (const Struct& known : made.structs) check(made, known);
    check(made, made.root);
  }

  void check(const Message& message, const Struct& checked) const {
    for (const Field& each : checked.fields) {
      const std::string name = checked.name + "." + each.name + ": ";
      if (each.kind == Kind::structure) static_cast<void>(message.find(each.struct_name));
      if (each.tag && !message.is_flexible_at(each.versions.low))
        stop(name + "tagged in a version that is not flexible");
      if (each.default_is_null() && !each.is_optional()) stop(name + "null is its default, but it may not be null");
      if (each.kind == Kind::structure && !each.array && each.nullable && *each.nullable != each.versions) {
        stop(name + "a struct may be null in all of its versions or in none");
      }
    }
  }

  std::filesystem::path path_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

SchemaFile parse(const std::filesystem::path& path) {
  return Parser(path).run();
}

}  // namespace gregor::wire::generator
