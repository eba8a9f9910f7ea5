// Any bytes as what a broker sends: the reader must come to an end.
#include <string_view>

#include "mqtt/packet.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const MqttVersion version : {MqttVersion::v3_1_1, MqttVersion::v5}) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    while (true) {
      const auto packet = take_packet(bytes);
      if (!packet || !*packet) {
        break;
      }
      read_publish(**packet, version);
      read_suback(**packet, version);
      read_packet_id(**packet);
    }
  }
  return 0;
}
