// Keeps what a child writes to its standard output and standard error, and tells when it ends.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/file.hpp"
#include "run/child_process.hpp"
#include "run/observation_tail.hpp"

namespace autotape {

// The child must never wait for us: what it writes is read at once, and beyond `most_bytes` counted
// instead of kept.
class OutputCapture {
 public:
  static constexpr std::uint64_t most_bytes = std::uint64_t{16} << 20U;

  // Both are kept in `file`, in the order of reading; `output_lines`, if there is one, gets the
  // lines of standard output. `on_end` is called once, in another thread, when the child has ended.
  // The child and `file` must outlive this.
  OutputCapture(const ChildProcess& child, AppendFile& file, LineSink output_lines,
                std::function<void()> on_end);

  ~OutputCapture();  // as wait()
  OutputCapture(const OutputCapture&) = delete;
  OutputCapture& operator=(const OutputCapture&) = delete;

  // Until the child and all that it started have closed both.
  void wait();

  // The last lines of both.
  std::string tail() const;
  std::uint64_t bytes() const;

 private:
  void read_until_end(int output, int errors, int end, const std::function<void()>& on_end);
  bool read_from(int descriptor, bool is_output);
  void keep(std::string_view bytes);

  AppendFile& file_;
  LineSplitter output_lines_;
  bool has_line_sink_;
  mutable std::mutex mutex_;
  std::string tail_;
  std::uint64_t bytes_ = 0;
  std::thread thread_;
};

}  // namespace autotape
