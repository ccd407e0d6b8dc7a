// The supervisor's loop.
#include "apps/supervisor.hpp"

#include "apps/supervised_app.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace weir::apps {

// -- inbox ----------------------------------------------------------------------------------------

inbox::inbox() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void inbox::post(std::function<void()> work) {
  std::scoped_lock lock(mutex_);
  work_.push_back(std::move(work));
  std::uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

std::vector<std::function<void()>> inbox::take() {
  std::scoped_lock lock(mutex_);
  std::uint64_t count = 0;
  (void)!read(wake_.get(), &count, sizeof(count));
  return std::exchange(work_, {});
}

// -- supervisor -----------------------------------------------------------------------------------

supervisor::supervisor(std::string guard_program, supervisor_listener& listener, std::uint64_t seed)
    : guard_program_(std::move(guard_program)), listener_(listener), seed_(seed),
      inbox_(std::make_shared<inbox>()) {}

supervisor::~supervisor() = default;

void supervisor::set(const std::string& name, const app_policy& policy,
                     std::shared_ptr<launcher> how) {
  inbox_->post([this, name, policy, how = std::move(how)] {
    if (stopping_) return;
    auto* app = find(name);
    if (!app) {
      supervised_app::surroundings around{guard_program_, listener_, inbox_};
      apps_.push_back(std::make_shared<supervised_app>(name, policy, ++seed_, std::move(around)));
      app = apps_.back().get();
    }
    app->set(how, system_clock().steady());
  });
}

void supervisor::remove(const std::string& name) {
  inbox_->post([this, name] {
    if (auto* app = find(name)) app->retire(system_clock().steady());
  });
}

void supervisor::stop() {
  inbox_->post([this] {
    stopping_ = true;
    for (auto& app : apps_)
      app->stop(system_clock().steady());
  });
}

void supervisor::abandon() {
  inbox_->post([this] { abandoned_ = true; });
}

void supervisor::run() {
  while (!done()) {
    for (auto& work : inbox_->take())
      work();
    auto now = system_clock().steady();
    for (auto& app : apps_) {
      app->on_time(now);
      app->on_ready(now);
    }
    std::erase_if(apps_, [](auto& app) { return app->finished(); });
    publish();
    if (!done()) wait(now);
  }
}

bool supervisor::done() const {
  auto stopped = [](auto& app) { return app->stopped(); };
  return abandoned_ || (stopping_ && std::all_of(apps_.begin(), apps_.end(), stopped));
}

void supervisor::wait(steady_time now) {
  std::vector<pollfd> fds{{inbox_->fd(), POLLIN, 0}};
  auto next = now + 1h;
  for (auto& app : apps_) {
    app->watch(fds);
    if (auto deadline = app->next_deadline()) next = std::min(next, *deadline);
  }
  // Rounded up: a wait that ends a moment too early would only be repeated.
  auto milliseconds =
      std::chrono::ceil<std::chrono::milliseconds>(next - system_clock().steady()).count();
  poll(fds.data(), fds.size(),
       static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 3'600'000)));
}

void supervisor::publish() {
  std::vector<app_status> all;
  for (auto& app : apps_)
    all.push_back(app->status());
  std::scoped_lock lock(status_mutex_);
  status_ = std::move(all);
}

std::vector<app_status> supervisor::status() const {
  std::scoped_lock lock(status_mutex_);
  return status_;
}

supervised_app* supervisor::find(const std::string& name) {
  auto found =
      std::find_if(apps_.begin(), apps_.end(), [&](auto& app) { return app->name() == name; });
  return found == apps_.end() ? nullptr : found->get();
}

} // namespace weir::apps
