// The schemas of `data` in both streams, compiled: from the built-in catalogue, or from the
// provider's files.
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "message/topic.hpp"
#include "schema/fast_program.hpp"
#include "schema/schema.hpp"

namespace autotape {

// Immutable, so that threads may share it. Takes some milliseconds to make.
class MessageSchemas {
 public:
  struct DataSchema {
    Schema exact;      // judges everything, and explains
    FastProgram fast;  // judges most messages, fast
  };

  // Of the built-in catalogue.
  static Result<MessageSchemas> built_in();

  // Of the provider's tree as it is: all_capabilities.schema.json for V1 and data.schema.json for
  // V2, anywhere below `folder`, and what they refer to. One of the two may be missing.
  static Result<MessageSchemas> from_folder(const std::string& folder);

  // Null if from_folder() found no schema of that stream.
  const DataSchema* data(StreamVersion version) const {
    const auto& schema = version == StreamVersion::v1 ? v1_ : v2_;
    return schema ? &*schema : nullptr;
  }

 private:
  std::optional<DataSchema> v1_;
  std::optional<DataSchema> v2_;
};

}  // namespace autotape
