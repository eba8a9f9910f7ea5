// The ledger: what the replayer really did, one line for each delivery that it sent (NDJSON).
//
//   {"ledger":1,"started":"2026-03-01T07:00:00Z","tape":"commute.ndjson","seed":7,"rate":"60",…}
//   {"delivery":1,"message":1,"planned":0,"due":0,"sent":41250,"sends":1,"acknowledged":180911}
//   {"delivery":2,"message":1,"copy":1,"actions":["duplicate/copied"],"planned":2000000000,…}
//
// Times are nanoseconds: `planned` since the start of the plan at rate 1, the others since the
// start of the replay. A line is in the file before its message is on the network, and is completed
// in place (blanks before a comma are what is left of the room for that), so that the file is whole
// up to the moment even when the replayer is killed: what was in flight then has
// `"acknowledged":null`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/line_reader.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "json/parser.hpp"

namespace autotape {

struct LedgerHeader {
  ReceivedTime started{};  // wall clock at the start of the replay, for people and for joining logs
  std::string tool;        // program and version
  std::string tape;        // path, as it was given
  std::string plan;        // hash of what was planned, or empty
  std::uint64_t seed = 0;
  std::string rate;  // as --rate takes it

  bool operator==(const LedgerHeader&) const = default;
};

struct LedgerEntry {
  std::uint64_t delivery = 0;  // index in the plan; the first is 1
  std::uint64_t message = 0;   // of the tape; the first is 1
  std::uint32_t pass = 0;
  std::uint32_t copy = 0;
  std::vector<std::string> actions;  // "stage/action" in their order, as in the plan
  DueTime planned{};
  SentTime due{};
  std::optional<SentTime> sent;  // when it was handed to the network the first time
  // More than 1: handed over again after a lost connection, because no PUBACK had come. The broker
  // may then have it more than once.
  std::uint32_t sends = 0;
  std::optional<SentTime> acknowledged;  // when its PUBACK came

  bool operator==(const LedgerEntry&) const = default;
};

// Not thread-safe. The file is mapped into memory: a line costs no system call.
class LedgerWriter {
 public:
  // The place of a line that is not complete yet.
  struct Line {
    std::uint64_t offset = 0;
  };

  // Fails if the file exists, unless `force`; it must be a regular file.
  static Result<LedgerWriter> create(const std::string& path, const LedgerHeader& header,
                                     bool force);
  ~LedgerWriter();  // as close(), without a word about failures
  LedgerWriter(LedgerWriter&& other) noexcept;
  LedgerWriter& operator=(LedgerWriter&& other) noexcept;

  // What is known before the message is sent; `sent`, `sends` and `acknowledged` come later. A full
  // disk is an error here, and final.
  Result<Line> append(const LedgerEntry& entry);
  void complete_sent(Line line, SentTime sent);
  void complete_sends(Line line, std::uint32_t sends);
  void complete_acknowledged(Line line, SentTime acknowledged);

  // Cuts off the reserve and syncs to disk.
  Result<void> close();

 private:
  LedgerWriter(std::string path, int descriptor, char* memory)
      : path_(std::move(path)), descriptor_(descriptor), memory_(memory) {}

  Result<void> append_text(std::string_view text);
  void fill_field(std::uint64_t offset, std::size_t width, std::string_view text);

  std::string path_;
  int descriptor_ = -1;
  char* memory_ = nullptr;
  std::uint64_t written_ = 0;   // bytes of lines
  std::uint64_t reserved_ = 0;  // bytes of the file; those behind `written_` are line feeds
  std::uint64_t released_ = 0;  // pages before this offset were given back to the kernel
  std::string buffer_;
};

// Reads a ledger, also one of a replayer that was killed. Not thread-safe.
class LedgerReader {
 public:
  static Result<LedgerReader> open(const std::string& path);

  const LedgerHeader& header() const { return header_; }

  // True and the next entry, reusing its memory; false at the end.
  Result<bool> next(LedgerEntry& entry);

  // Was the last line cut off by a kill?
  bool torn() const { return torn_; }

 private:
  explicit LedgerReader(InputFile file);

  Result<bool> next_object(JsonObject& object);
  Error at_this_line(std::string what) const;

  LineReader lines_;
  std::unique_ptr<JsonParser> parser_;
  LedgerHeader header_;
  bool torn_ = false;
};

}  // namespace autotape
