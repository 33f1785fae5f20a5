#include "runtime/gregor/options.h"

#include <iostream>
#include <sstream>

namespace gregor::program {
namespace po = boost::program_options;

int complain(std::string_view command, std::string_view sentence, Exit exit) {
  std::string line = "gregor";
  if (!command.empty()) (line += ' ') += command;
  line += ": ";
  for (const char c : sentence) line += c == '\n' || c == '\r' ? ' ' : c;
  std::cerr << line << std::endl;
  return exit;
}

Result<Values> parse_options(Arguments arguments, Syntax& syntax) {
  syntax.options.add_options()("help,h", "say what this command does and takes");
  Values values;
  try {
    const std::vector<std::string> words(arguments.begin(), arguments.end());
    // Without guessing: an abbreviation that works today is another option tomorrow.
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(syntax.options).positional(syntax.words).style(style).run(),
              values);
    if (!values.contains("help")) po::notify(values);
  } catch (const po::error& error) {
    return fail(Errc::invalid, std::string(error.what()) + "; usage: " + syntax.usage);
  }
  return values;
}

bool helped(const Values& values, const Syntax& syntax) {
  if (!values.contains("help")) return false;
  std::cout << "usage: " << syntax.usage << "\n\n" << syntax.options;
  return true;
}

}  // namespace gregor::program
