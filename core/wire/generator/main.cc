// gregor_wire_generator SCHEMA_DIR OUT_DIR BUNDLES: reads every schema and writes the generated code.
// One header a schema; the functions go into BUNDLES source files for codecs and as many for JSON and random instances,
// since a compiler spends most of its time on headers. Files whose text did not change are left alone.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "emit.h"
#include "parse.h"

namespace gregor::wire::generator {
namespace {

namespace fs = std::filesystem;

void write_if_changed(const fs::path& path, const std::string& text) {
  std::ifstream in(path);
  std::stringstream old;
  old << in.rdbuf();
  if (in && old.str() == text) return;
  std::ofstream out(path);
  out << text;
  if (!out.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}

std::vector<SchemaFile> read_all(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".schema") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SchemaFile> files;
  for (const fs::path& path : paths) files.push_back(parse(path));
  return files;
}

using Emit = void (*)(Code&, const SchemaFile&);

void codec_of(Code& code, const SchemaFile& file) {
  for (const Message& message : file.messages) {
    emit_decode(code, message);
    emit_check(code, message);
    emit_size(code, message);
    emit_encode(code, message);
  }
  emit_family(code, file);
}

void json_of(Code& code, const SchemaFile& file) {
  for (const Message& message : file.messages) {
    emit_json(code, message);
    emit_random(code, message);
  }
}

/// Spreads the files over bundles so that all are about as long: the longest first, each to the shortest bundle.
void write_bundles(const std::vector<SchemaFile>& files, const fs::path& out, const std::string& name, int bundles,
                   const std::string& includes, Emit emit) {
  struct Part {
    std::string stem;
    std::string text;
  };
  std::vector<Part> parts;
  for (const SchemaFile& file : files) {
    Code code;
    emit(code, file);
    parts.push_back({file.stem, code.text()});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.text.size() > b.text.size(); });
  std::vector<std::string> heads(static_cast<std::size_t>(bundles));
  std::vector<std::string> bodies(static_cast<std::size_t>(bundles));
  for (const Part& part : parts) {
    const auto shortest = std::min_element(
        bodies.begin(), bodies.end(), [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
    heads[static_cast<std::size_t>(shortest - bodies.begin())] += "#include \"wire/" + part.stem + ".h\"\n";
    *shortest += part.text;
  }
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const std::string text = "// Made from the schema by the wire generator.\n" + includes + heads[i] +
                             "\nnamespace gregor::wire {\n\n" + bodies[i] + "}  // namespace gregor::wire\n";
    write_if_changed(out / (name + "_" + std::to_string(i) + ".cc"), text);
  }
}

void run(const fs::path& schema, const fs::path& out, int bundles) {
  const std::vector<SchemaFile> files = read_all(schema);
  fs::create_directories(out);
  for (const SchemaFile& file : files) {
    Code code;
    emit_header(code, file);
    write_if_changed(out / (file.stem + ".h"), code.text());
  }
  Code keys;
  emit_api_keys(keys, files);
  write_if_changed(out / "api_keys.h", keys.text());
  Code registry;
  emit_registry(registry, files);
  write_if_changed(out / "messages.cc", registry.text());
  write_bundles(files, out, "codec", bundles, "#include \"wire/codec_parts.h\"\n#include \"wire/record_frame.h\"\n",
                codec_of);
  write_bundles(files, out, "json", bundles, "#include \"wire/json_parts.h\"\n#include \"wire/random_parts.h\"\n",
                json_of);
}

}  // namespace
}  // namespace gregor::wire::generator

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: gregor_wire_generator SCHEMA_DIR OUT_DIR BUNDLES\n";
    return 2;
  }
  try {
    gregor::wire::generator::run(argv[1], argv[2], std::stoi(argv[3]));
  } catch (const std::exception& failure) {
    std::cerr << "gregor_wire_generator: " << failure.what() << "\n";
    return 1;
  }
  return 0;
}
