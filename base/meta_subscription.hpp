// A watch as its store holds it: one end for who asked, one for who delivers.
#pragma once

#include "base/meta_store.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace weir {

/// The store's end. Thread-safe. The handler's calls come one at a time, as the store makes them;
/// none begins after the watch has gone or an error was told.
class meta_subscription {
public:
  using watch_handler = meta_store::handler<std::vector<meta_event>>;

  explicit meta_subscription(watch_handler then) : then_(std::move(then)) {}

  /// False when nobody listens any more.
  bool tell(result<std::vector<meta_event>> what);
  bool ended() const;
  /// Who asked listens no more. Does not wait for a call under way, which may be the caller.
  void end();

private:
  mutable std::mutex mutex_;
  watch_handler then_;
  bool ended_ = false;
};

/// The end of who asked; `gone` is called when it is let go.
std::unique_ptr<meta_watch> watch_of(std::shared_ptr<meta_subscription> subscription,
                                     std::function<void()> gone = {});

} // namespace weir
