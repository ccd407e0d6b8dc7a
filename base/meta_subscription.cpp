// A watch's two ends.
#include "base/meta_subscription.hpp"

namespace weir {

namespace {

class held_watch final : public meta_watch {
public:
  explicit held_watch(std::shared_ptr<meta_subscription> subscription)
      : subscription_(std::move(subscription)) {}
  ~held_watch() override { subscription_->end(); }

private:
  std::shared_ptr<meta_subscription> subscription_;
};

} // namespace

bool meta_subscription::tell(result<std::vector<meta_event>> what) {
  {
    const std::lock_guard held(mutex_);
    if (ended_) return false;
    ended_ = what.has_error();
  }
  then_(std::move(what));
  return !ended();
}

bool meta_subscription::ended() const {
  const std::lock_guard held(mutex_);
  return ended_;
}

void meta_subscription::end() {
  const std::lock_guard held(mutex_);
  ended_ = true;
}

std::unique_ptr<meta_watch> watch_of(std::shared_ptr<meta_subscription> subscription) {
  return std::make_unique<held_watch>(std::move(subscription));
}

} // namespace weir
