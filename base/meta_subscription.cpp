// A watch's two ends.
#include "base/meta_subscription.hpp"

namespace weir {

namespace {

class held_watch final : public meta_watch {
public:
  held_watch(std::shared_ptr<meta_subscription> subscription, std::function<void()> gone)
      : subscription_(std::move(subscription)), gone_(std::move(gone)) {}
  ~held_watch() override {
    subscription_->end();
    if (gone_) gone_();
  }

private:
  std::shared_ptr<meta_subscription> subscription_;
  std::function<void()> gone_;
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

std::unique_ptr<meta_watch> watch_of(std::shared_ptr<meta_subscription> subscription,
                                     std::function<void()> gone) {
  return std::make_unique<held_watch>(std::move(subscription), std::move(gone));
}

} // namespace weir
