// env::Entropy from the operating system: no stream can be guessed from another.
#pragma once

#include "env/entropy.h"

namespace gregor::runtime {

class SystemEntropy final : public env::Entropy {
 public:
  [[nodiscard]] RandomStream stream(std::string_view purpose, std::uint64_t object) override;
};

}  // namespace gregor::runtime
