// gregor log dump FILE|DIRECTORY...: what stands in a log's files. Reads only.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "runtime/gregor/log_dump.h"
#include "runtime/gregor/mapped_file.h"
#include "runtime/gregor/options.h"
#include "storage/segment_name.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

Syntax log_syntax() {
  Syntax syntax{"gregor log dump FILE|DIRECTORY... [--records] [--json|--comparable]"};
  syntax.options.add_options()                                                                                      //
      ("verb", po::value<std::string>()->required(), "dump")                                                        //
      ("path", po::value<std::vector<std::string>>()->required(), "files of a log, or directories that hold some")  //
      ("records,r", po::bool_switch(), "print records, not batches alone")                                          //
      ("json", po::bool_switch(), "print a line of JSON for each batch or entry")                                   //
      ("comparable", po::bool_switch(),
       "print a line for each record and nothing else: offset, timestamp, key, value, headers, tabs between, bytes as "
       "base64");
  syntax.words.add("verb", 1).add("path", -1);
  return syntax;
}

/// A log file to dump and what its name says.
struct DumpFile {
  fs::path path;
  storage::SegmentFile segment;
};

std::optional<DumpFile> log_file(const fs::path& path) {
  const std::string name = path.filename().string();
  // A metadata snapshot, OFFSET-EPOCH.checkpoint, is batches too.
  if (name.ends_with(".checkpoint"))
    return DumpFile{path, {Offset(0), storage::FileKind::log, storage::FileStage::live}};
  const auto segment = storage::parse_file_name(name);
  if (!segment) return std::nullopt;
  return DumpFile{path, *segment};
}

/// The files that `path` names: itself, or all log files below it in order of their names. Errors: io, invalid.
Result<std::vector<DumpFile>> files_of(const std::string& path) {
  std::error_code error;
  std::vector<DumpFile> files;
  if (!fs::is_directory(path, error)) {
    if (!fs::exists(path, error)) return fail(Errc::not_found, "there is no " + path);
    auto file = log_file(path);
    if (!file)
      return fail(Errc::invalid,
                  path + " has no name of a log file: NNN.log, .index, .timeindex, .txnindex, .snapshot");
    files.push_back(std::move(*file));
    return files;
  }
  for (auto entry = fs::recursive_directory_iterator(path, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    auto file = entry->is_regular_file(error) ? log_file(entry->path()) : std::nullopt;
    if (file && file->segment.stage == storage::FileStage::live) files.push_back(std::move(*file));
  }
  if (error) return fail(Errc::io, "cannot list " + path + ": " + error.message());
  if (files.empty()) return fail(Errc::not_found, path + " holds no log file");
  std::stable_sort(files.begin(), files.end(), [](const DumpFile& a, const DumpFile& b) { return a.path < b.path; });
  return files;
}

Result<void> dump_file(LogDump& dump, const DumpFile& file) {
  TRY_ASSIGN(const MappedFile mapped, MappedFile::open(file.path.string()));
  switch (file.segment.kind) {
    case storage::FileKind::log:
      dump.batches(mapped.bytes());
      return {};
    case storage::FileKind::offset_index:
      dump.offset_index(file.segment.base_offset, mapped.bytes());
      return {};
    case storage::FileKind::time_index:
      dump.time_index(file.segment.base_offset, mapped.bytes());
      return {};
    case storage::FileKind::transaction_index:
      return dump.transaction_index(mapped.bytes());
    case storage::FileKind::producer_snapshot:
      return dump.producer_snapshot(mapped.bytes());
    case storage::FileKind::unknown:
      break;
  }
  return {};
}

int dump_files(const std::vector<DumpFile>& files, DumpOptions options) {
  LogDump dump(std::cout, options);
  bool all_read = true;
  for (const DumpFile& file : files) {
    if (options.style == DumpStyle::kafka) std::cout << "Dumping " << file.path.string() << "\n";
    if (options.style == DumpStyle::kafka && file.segment.kind == storage::FileKind::log) {
      std::cout << "Log starting offset: " << file.segment.base_offset.value() << "\n";
    }
    if (auto dumped = dump_file(dump, file); !dumped) {
      all_read = false;
      complain("log", file.path.string() + ": " + dumped.error().text, kExitFailed);
    }
  }
  std::cout.flush();
  if (dump.totals().damaged > 0) {
    return complain(
        "log",
        std::to_string(dump.totals().damaged) + " damaged batches among " + std::to_string(files.size()) + " files",
        kExitFailed);
  }
  return all_read ? kExitGood : kExitFailed;
}

}  // namespace

int run_log(Arguments arguments) {
  Syntax syntax = log_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("log", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto& verb = value_of<std::string>(*values, "verb");
  if (verb != "dump") return complain("log", "'" + verb + "' is no verb of log: dump", kExitWrong);
  std::vector<DumpFile> files;
  for (const std::string& path : value_of<std::vector<std::string>>(*values, "path")) {
    auto found = files_of(path);
    if (!found) return complain("log", found.error().text, kExitWrong);
    files.insert(files.end(), found->begin(), found->end());
  }
  const bool json = value_of<bool>(*values, "json");
  const bool comparable = value_of<bool>(*values, "comparable");
  if (json && comparable) return complain("log", "--json and --comparable exclude each other", kExitWrong);
  const DumpStyle style = json ? DumpStyle::json : comparable ? DumpStyle::comparable : DumpStyle::kafka;
  return dump_files(files, {.style = style, .records = value_of<bool>(*values, "records")});
}

}  // namespace gregor::program
