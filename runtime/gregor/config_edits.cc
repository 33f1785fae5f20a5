#include "runtime/gregor/config_edits.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using client::ConfigEdit;

Result<ConfigEdit> read_setting(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(Errc::invalid, "--set " + text + ": it wants KEY=VALUE, KEY+=VALUE or KEY-=VALUE");
  }
  ConfigEdit edit{.kind = ConfigEdit::Kind::set, .name = text.substr(0, equals), .value = text.substr(equals + 1)};
  const char last = edit.name.back();
  if (last == '+' || last == '-') {
    edit.kind = last == '+' ? ConfigEdit::Kind::append : ConfigEdit::Kind::subtract;
    edit.name.pop_back();
  }
  if (edit.name.empty()) return fail(Errc::invalid, "--set " + text + ": it names no key");
  return edit;
}

}  // namespace

void add_edit_options(Syntax& syntax) {
  syntax.options.add_options()  //
      ("set,s", po::value<std::vector<std::string>>()->composing(),
       "a setting, KEY=VALUE; KEY+=VALUE adds to a list, KEY-=VALUE takes from it")  //
      ("delete,x", po::value<std::vector<std::string>>()->composing(), "alter: a key whose default shall hold again");
}

Result<std::vector<ConfigEdit>> read_edits(const Values& values) {
  std::vector<ConfigEdit> edits;
  if (values.contains("set")) {
    for (const std::string& text : value_of<std::vector<std::string>>(values, "set")) {
      TRY_ASSIGN(ConfigEdit edit, read_setting(text));
      edits.push_back(std::move(edit));
    }
  }
  if (values.contains("delete")) {
    for (const std::string& key : value_of<std::vector<std::string>>(values, "delete")) {
      edits.push_back({.kind = ConfigEdit::Kind::remove, .name = key, .value = ""});
    }
  }
  return edits;
}

}  // namespace gregor::program
