#include "tests/gregor/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace gregor::program {
namespace {

/// A descriptor that reads `text`, from a file that has no name any more.
int descriptor_of(const std::string& text) {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return -1;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  const int descriptor = ::dup(::fileno(file));
  std::fclose(file);
  ::lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

[[noreturn]] void become(const std::string& name, const std::vector<std::string>& words, int in, int out, int err) {
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  const std::string path = std::string(GREGOR_BUILD_DIR) + "/" + name;
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(path.c_str(), argv.data());
  ::_exit(127);
}

/// Takes what is there. False at the end.
bool take(int descriptor, std::string& into) {
  std::array<char, 16384> bytes;
  const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
  if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const std::string& input, const std::string& name) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  const int in = descriptor_of(input);
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return;
  child_ = ::fork();
  if (child_ == 0) become(name, words, in, out[1], err[1]);
  ::close(in);
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Program::~Program() {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  close_pipes();
}

void Program::close_pipes() {
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
  out_ = err_ = -1;
}

template <class Enough>
bool Program::pump(const Enough& enough) {
  while (!enough() && (out_ >= 0 || err_ >= 0)) {
    std::array<pollfd, 2> pipes = {pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
    if (::poll(pipes.data(), pipes.size(), kChildPatienceMs) <= 0) return false;
    if (pipes[0].revents != 0 && !take(out_, output_)) {
      ::close(out_);
      out_ = -1;
    }
    if (pipes[1].revents != 0 && !take(err_, errors_)) {
      ::close(err_);
      err_ = -1;
    }
  }
  return true;
}

std::string Program::read_line() {
  if (!pump([this] { return output_.find('\n') != std::string::npos; })) return "";
  const auto end = output_.find('\n');
  std::string line = output_.substr(0, end);
  output_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

void Program::signal(int number) {
  if (child_ > 0) ::kill(child_, number);
}

int Program::wait() {
  if (!pump([] { return false; })) return -1000;
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Ended run_program(const std::vector<std::string>& words, const std::string& input, const std::string& name) {
  Program program(words, input, name);
  const int exit = program.wait();
  return {exit, program.output(), program.errors()};
}

}  // namespace gregor::program
