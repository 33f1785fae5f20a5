// What a schema says, as values: files of messages, of structs, of fields, each with the versions in which it exists.
// The parser fills it, the emitters read it; nothing here knows C++ or text.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gregor::wire::generator {

/// Versions low to high, both included.
struct Range {
  int low = 0;
  int high = 0;
  bool operator==(const Range&) const = default;
  [[nodiscard]] bool holds(int version) const { return low <= version && version <= high; }
};

enum class Kind {
  boolean,
  int8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  float64,
  uuid,
  string,
  bytes,
  records,
  structure
};

struct Field {
  std::string name = {};  ///< Kafka's, PascalCase
  Kind kind = Kind::boolean;
  bool array = false;
  std::string struct_name = {};  ///< where kind is structure
  Range versions = {};
  std::optional<Range> nullable = {};       ///< versions in which null may be written
  std::optional<int> tag = {};              ///< a tagged field of flexible versions
  std::optional<std::string> written = {};  ///< the default as written: null, a number, true
  bool ignorable = false;                   ///< dropped silently in versions that lack it
  bool zero_copy = false;
  bool never_compact = false;
  int line = 0;

  /// Optional in C++: may be null in some version, or is of type records.
  [[nodiscard]] bool is_optional() const { return nullable.has_value() || (kind == Kind::records && !array); }
  [[nodiscard]] bool default_is_null() const {
    return (written && *written == "null") || (kind == Kind::records && !array && !written);
  }
};

struct Struct {
  std::string name;
  std::vector<Field> fields;
};

enum class MessageKind { request, response, header, record, key, value, data };

struct Message {
  MessageKind kind = MessageKind::data;
  std::string name;
  std::optional<int> number;  ///< API key of requests and responses, type of records
  Range versions;
  std::optional<int> flexible_since;  ///< none: never
  std::vector<std::string> listeners;
  std::optional<Range> advertised;  ///< where it differs from `versions`
  std::vector<Struct> structs;      ///< nested ones, each before its users
  Struct root;

  [[nodiscard]] const Struct& find(const std::string& struct_name) const;
  /// Puts every struct before its users. Throws when one holds itself.
  void sort_structs();
  [[nodiscard]] bool is_flexible_at(int version) const { return flexible_since && version >= *flexible_since; }
};

struct SchemaFile {
  std::string stem;    ///< of the generated header: "produce"
  std::string family;  ///< name of the variant over its records, or empty
  std::vector<Message> messages;
};

}  // namespace gregor::wire::generator
