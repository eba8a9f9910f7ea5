// The schemas of `data` in both streams, compiled: from the built-in catalogue, or from the
// provider's files.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "message/topic.hpp"
#include "schema/fast_program.hpp"
#include "schema/schema.hpp"

namespace autotape {

// Threads may share it.
class MessageSchemas {
 public:
  // Of the built-in catalogue; takes about a millisecond. What only messages with faults need is
  // compiled with the first of them.
  static MessageSchemas built_in();

  // Of the provider's tree as it is: all_capabilities.schema.json for V1 and data.schema.json for
  // V2, anywhere below `folder`, and what they refer to. One of the two may be missing.
  static Result<MessageSchemas> from_folder(const std::string& folder);

  MessageSchemas(MessageSchemas&&) noexcept;
  MessageSchemas& operator=(MessageSchemas&&) noexcept;
  ~MessageSchemas();

  // Judges most messages, fast. Null if from_folder() found no schema of that stream.
  const FastProgram* fast(StreamVersion version) const;

  // Judges everything, and explains. Null as above.
  const Schema* exact(StreamVersion version) const;

 private:
  struct Stream;

  MessageSchemas();
  std::unique_ptr<Stream>& stream(StreamVersion version);

  std::unique_ptr<Stream> v1_;  // null: no schema
  std::unique_ptr<Stream> v2_;
};

}  // namespace autotape
