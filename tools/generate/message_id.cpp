#include "generate/message_id.hpp"

#include <array>
#include <string_view>

namespace autotape {

void append_message_id(std::string& out, Random& random) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::array<char, 64> id{};
  for (std::size_t i = 0; i < id.size(); i += 16) {
    std::uint64_t bits = random.next();
    for (std::size_t j = 0; j < 16; ++j, bits >>= 4U) {
      id[i + j] = digits[bits & 0xFU];
    }
  }
  out.append(id.data(), id.size());
}

}  // namespace autotape
