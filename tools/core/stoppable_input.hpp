// Standard input that a person can end, although whoever writes to it does not.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/file.hpp"

namespace autotape {

// Ends, too, as soon as the descriptor `stop` becomes readable. A regular file is read to its end.
class StoppableInput final : public ByteSource {
 public:
  // `standard_input` is InputFile::open("-").
  StoppableInput(InputFile standard_input, int stop)
      : input_(std::move(standard_input)), stop_(stop), waits_(!input_.size()) {}

  // The first bytes, as InputFile::peek() gives them; none if it is stopped while it waits for
  // them.
  Result<std::string_view> peek(std::size_t count) {
    return wait() ? input_.peek(count) : Result(std::string_view());
  }

  Result<std::size_t> read(char* buffer, std::size_t most) override {
    return wait() ? input_.read(buffer, most) : Result(std::size_t{0});
  }
  const std::string& path() const override { return input_.path(); }

 private:
  bool wait() const;  // false if it is stopped

  InputFile input_;
  int stop_;
  bool waits_;
};

}  // namespace autotape
