// Any bytes as an MCAP file: the reader must come to an end, and what it gives must be writable.
#include <string>

#include "tape/mcap/mcap_reader.hpp"
#include "tape/ndjson/ndjson_line.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/memory_source.hpp"

using namespace autotape;

namespace {

void read_all(std::string_view bytes, std::optional<std::uint64_t> size) {
  auto reader = mcap::McapReader::open(std::make_unique<MemorySource>(bytes), size,
                                       mcap::RecordStream::Begin::anything);
  if (!reader) {
    return;
  }
  RecordedMessage message;
  Marker marker;
  std::string line;
  while (true) {
    const auto found = (*reader)->next(message, marker);
    if (!found || *found == TapeRecord::end) {
      return;
    }
    line.clear();
    if (*found == TapeRecord::message) {
      append_message_line(line, message);
    } else {
      append_marker_line(line, marker);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_all(bytes, size);          // a file
  read_all(bytes, std::nullopt);  // a pipe
  return 0;
}
