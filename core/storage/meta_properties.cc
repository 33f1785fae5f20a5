#include "storage/meta_properties.h"

#include "storage/text_fields.h"

namespace gregor::storage {
namespace {

constexpr std::size_t kFileBytesMax = 64 << 10;

std::string path_in(const std::string& directory) {
  return directory + "/" + std::string(kMetaPropertiesFile);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// What java.util.Properties writes behind a backslash for white space that would not survive otherwise.
constexpr std::string_view kPlainSpaces = "\t\n\r\f";
constexpr std::string_view kEscapedSpaces = "tnrf";

/// Undoes the backslashes of java.util.Properties (but for \uXXXX: what Kafka keeps here is ASCII).
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escaped = text[i] == '\\' && i + 1 < text.size();
    if (is_escaped) ++i;
    const std::size_t space = is_escaped ? kEscapedSpaces.find(text[i]) : std::string_view::npos;
    plain += space == std::string_view::npos ? text[i] : kPlainSpaces[space];
  }
  return plain;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const std::size_t space = kPlainSpaces.find(c);
    const bool is_mark = c == '=' || c == ':' || c == '#' || c == '!' || c == '\\';
    if (is_mark || space != std::string_view::npos || (c == ' ' && safe.empty())) safe += '\\';
    safe += space == std::string_view::npos ? c : kEscapedSpaces[space];
  }
  return safe;
}

/// Where an unescaped '=' or ':' parts key and value; npos where neither does.
std::size_t separator_of(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':') {
      return i;
    }
  }
  return std::string_view::npos;
}

Result<void> take(MetaProperties& meta, const std::string& key, const std::string& value) {
  if (key == "version") {
    const auto version = parse_number<int>(value);
    if (!version || *version < 0) return fail(Errc::malformed, "version is not a number");
    if (*version > 1) return fail(Errc::unsupported, "version " + value + " is above 1");
    meta.version = *version;
  } else if (key == "cluster.id") {
    meta.cluster_id = value;
  } else if (key == "node.id" || key == "broker.id") {
    const auto id = parse_number<std::int32_t>(value);
    if (!id || *id < 0) return fail(Errc::malformed, key + " is not a number from 0");
    meta.node_id = NodeId{*id};
  } else if (key == "directory.id") {
    meta.directory_id = Uuid::from_text(value);
    if (!meta.directory_id) return fail(Errc::malformed, "directory.id is not an id");
  } else {
    meta.others[key] = value;
  }
  return {};
}

}  // namespace

ByteBuffer format_meta_properties(const MetaProperties& meta) {
  std::string text = "#\n";
  const auto line = [&](std::string_view key, std::string_view value) {
    text += escaped(key) + "=" + escaped(value) + "\n";
  };
  if (meta.node_id) line(meta.version == 0 ? "broker.id" : "node.id", std::to_string(meta.node_id->value()));
  if (meta.directory_id) line("directory.id", meta.directory_id->to_text());
  line("version", std::to_string(meta.version));
  if (meta.cluster_id) line("cluster.id", *meta.cluster_id);
  for (const auto& [key, value] : meta.others) line(key, value);
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

Result<MetaProperties> parse_meta_properties(Bytes content) {
  MetaProperties meta;
  meta.version = 0;
  for (const auto& raw : lines_of(text_of(content))) {
    const auto line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    const auto separator = separator_of(line);
    if (separator == std::string_view::npos || separator == 0) {
      return fail(Errc::malformed, "not KEY=VALUE: " + std::string(line.substr(0, 80)));
    }
    const std::string key = unescaped(trimmed(line.substr(0, separator)));
    const std::string value = unescaped(trimmed(line.substr(separator + 1)));
    TRY(take(meta, key, value));
  }
  return meta;
}

Result<MetaProperties> read_meta_properties(env::Fiber& self, env::Disk& disk, const std::string& directory) {
  TRY_ASSIGN(const auto content, env::read_file(self, disk, path_in(directory), kFileBytesMax));
  auto meta = parse_meta_properties(content);
  if (!meta) return fail(meta.error().code, path_in(directory) + ": " + meta.error().text);
  return meta;
}

Result<void> write_meta_properties(env::Fiber& self, env::Disk& disk, const std::string& directory,
                                   const MetaProperties& meta) {
  return env::replace_file(self, disk, path_in(directory), format_meta_properties(meta));
}

}  // namespace gregor::storage
