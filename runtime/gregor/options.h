// Boost.Program_options behind a Result: a wrong command line is a value with one sentence, not an exception.
#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "base/result.h"
#include "runtime/gregor/command.h"

namespace gregor::program {

/// What a command takes: its options, and the names of the words without a dash, in order.
struct Syntax {
  std::string usage;  ///< "gregor topic create NAME [options]"
  boost::program_options::options_description options{"Options", 110};
  boost::program_options::positional_options_description words = {};
};

using Values = boost::program_options::variables_map;

/// Adds --help to `syntax`. Errors: invalid. Where --help was asked for, required options may be absent.
Result<Values> parse_options(Arguments arguments, Syntax& syntax);

/// True where --help was asked for: then the usage and options stand on standard output.
bool helped(const Values& values, const Syntax& syntax);

/// The value of an option that has one or a default.
template <class Value>
const Value& value_of(const Values& values, const std::string& name) {
  return values[name].as<Value>();
}

}  // namespace gregor::program
