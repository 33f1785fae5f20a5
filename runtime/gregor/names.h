// Names that commands take and print: codecs, record contents as JSON and as lines of text.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "record/batch_format.h"
#include "record/record_view.h"

namespace gregor::program {

/// The codec of that record::name_of(). Errors: invalid.
Result<record::Codec> codec_named(std::string_view name);

/// A JSON string where the bytes are UTF-8, else {"base64": "..."}; null for none.
nlohmann::ordered_json json_of(const std::optional<Bytes>& bytes);
/// Key, value and headers of a record, as members of `onto`.
void add_content(nlohmann::ordered_json& onto, const record::RecordView& record);
/// RFC 4648, with padding.
std::string base64(Bytes bytes);
/// One record on one line, so that two readers of a log can be compared: offset, timestamp, key, value and "name=value"
/// of each header, separated by tabs; bytes as base64, "-" for null.
std::string comparable_line(const record::RecordView& record);

}  // namespace gregor::program
