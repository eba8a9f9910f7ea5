// Any bytes as a payload: an envelope or an error, and each reading of an envelope is JSON of its
// own.
#include <cstdlib>

#include "json/tree.hpp"
#include "message/envelope.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static EnvelopeReader reader;
  const auto envelope = reader.read({reinterpret_cast<const char*>(data), size});
  if (!envelope) {
    return 0;
  }
  for (std::size_t i = 0; i < (*envelope)->readings.size(); ++i) {
    if (!JsonTree::parse(reader.reading_text(i), "")) {
      std::abort();
    }
  }
  return 0;
}
