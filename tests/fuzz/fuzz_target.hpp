// What a fuzzer calls with made-up input: https://llvm.org/docs/LibFuzzer.html. It must return; a
// crash, a sanitizer's report or a failed check is a finding.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
