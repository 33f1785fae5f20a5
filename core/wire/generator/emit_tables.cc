#include <algorithm>

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

std::vector<const Message*> requests_of(const std::vector<SchemaFile>& files) {
  std::vector<const Message*> requests;
  for (const SchemaFile& file : files) {
    for (const Message& message : file.messages) {
      if (message.kind == MessageKind::request) requests.push_back(&message);
    }
  }
  std::sort(requests.begin(), requests.end(),
            [](const Message* a, const Message* b) { return *a->number < *b->number; });
  return requests;
}

std::string listens(const Message& request, const std::string& listener) {
  const auto& all = request.listeners;
  return std::find(all.begin(), all.end(), listener) == all.end() ? "false" : "true";
}

void emit_row(Code& code, const Message& request) {
  const Range advertised = request.advertised.value_or(request.versions);
  const std::string name = api_name(request.name);
  const std::string since = request.flexible_since ? std::to_string(*request.flexible_since) : "0x7fff";
  code.line("{.key = ApiKey::" + snake_case(name) + ", .name = " + quoted(name) + ", .version_min = " +
            std::to_string(request.versions.low) + ", .version_max = " + std::to_string(request.versions.high) +
            ", .advertised_min = " + std::to_string(advertised.low) +
            ", .advertised_max = " + std::to_string(advertised.high) + ", .flexible_since = " + since +
            ", .on_broker = " + listens(request, "broker") + ", .on_controller = " + listens(request, "controller") +
            "},");
}

void emit_api_functions(Code& code) {
  code.line(
      "/// The row of a key as it stands in a header; null where Kafka 4.3 has none (4 to 7 went with ZooKeeper).");
  code.line("constexpr const ApiRow* find_api(std::int16_t key) {");
  code.line("for (const ApiRow& row : kApis) {");
  code.line("if (static_cast<std::int16_t>(row.key) == key) return &row;");
  code.line("}").line("return nullptr;").line("}");
  code.line("constexpr const ApiRow& row_of(ApiKey key) { return *find_api(static_cast<std::int16_t>(key)); }").line();
  code.line("/// 2 where the request is flexible, else 1. Holds beyond version_max too.");
  code.line("constexpr std::int16_t request_header_version(ApiKey key, std::int16_t version) {");
  code.line("return version >= row_of(key).flexible_since ? 2 : 1;").line("}");
  code.line("/// 1 where the response is flexible, else 0; always 0 for ApiVersions.");
  code.line("constexpr std::int16_t response_header_version(ApiKey key, std::int16_t version) {");
  code.line("return key != ApiKey::api_versions && version >= row_of(key).flexible_since ? 1 : 0;").line("}").line();
}

const char* kind_name(MessageKind kind) {
  static const char* const names[] = {"request", "response", "header", "record", "key", "value", "data"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace

void emit_api_keys(Code& code, const std::vector<SchemaFile>& files) {
  const std::vector<const Message*> requests = requests_of(files);
  code.line(
      "// Made from the schema by the wire generator. The APIs of Kafka 4.3: keys, versions, listeners, header "
      "versions.");
  code.line("#pragma once").line().line("#include <array>").line("#include <cstdint>").line();
  code.line("namespace gregor::wire {").line();
  code.line("enum class ApiKey : std::int16_t {");
  for (const Message* request : requests) {
    code.line(snake_case(api_name(request->name)) + " = " + std::to_string(*request->number) + ",");
  }
  code.line("};").line();
  code.line("struct ApiRow {");
  code.line("ApiKey key;").line("const char* name;  ///< Kafka's, e.g. \"Produce\"");
  code.line("std::int16_t version_min;  ///< that we can read").line("std::int16_t version_max;");
  code.line(
      "std::int16_t advertised_min;  ///< that ApiVersions tells: Produce from 0, since old clients look for it;");
  code.line("std::int16_t advertised_max;  ///< without versions that are unstable");
  code.line("std::int16_t flexible_since;  ///< version; greater than every version where none is");
  code.line("bool on_broker;  ///< served on a broker's listeners");
  code.line("bool on_controller;  ///< served on a controller's listeners").line("};").line();
  code.line("/// In the order of keys.");
  code.line("inline constexpr auto kApis = std::to_array<ApiRow>({");
  for (const Message* request : requests) emit_row(code, *request);
  code.line("});").line();
  emit_api_functions(code);
  code.line("}  // namespace gregor::wire");
}

void emit_registry(Code& code, const std::vector<SchemaFile>& files) {
  code.line("// Made from the schema by the wire generator.");
  code.line("#include \"wire/registry.h\"").line();
  code.line("#include \"wire/registry_row.h\"");
  for (const SchemaFile& file : files) code.line("#include \"wire/" + file.stem + ".h\"");
  code.line().line("namespace gregor::wire {").line();
  code.line("std::span<const MessageRow> all_messages() {");
  code.line("static constexpr MessageRow rows[] = {");
  for (const SchemaFile& file : files) {
    for (const Message& message : file.messages) {
      const std::string number = message.number ? std::to_string(*message.number) : "-1";
      code.line("row<" + message.name + ">(MessageKind::" + kind_name(message.kind) + ", " + number + "),");
    }
  }
  code.line("};").line("return rows;").line("}").line();
  code.line("}  // namespace gregor::wire");
}

}  // namespace gregor::wire::generator
