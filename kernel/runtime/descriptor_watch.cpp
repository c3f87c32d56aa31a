#include "kernel/runtime/descriptor_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace driftstack::kernel {
namespace {

constexpr bool wants(Readiness interest, Readiness what) noexcept {
  return (static_cast<unsigned>(interest) & static_cast<unsigned>(what)) != 0;
}

// Outlives the watch while a wait is still in the reactor's hands.
struct WatchState : std::enable_shared_from_this<WatchState> {
  WatchState(boost::asio::io_context& context, int number, ReadinessHandler& target) : descriptor(context, number), handler(&target) {}

  // One wait of the reactor per direction. Waiting reports what is true now, not only changes, so repeating it makes it level-triggered.
  void wait(Readiness what) {
    bool& waiting = what == Readiness::readable ? waiting_read : waiting_write;
    if (waiting || !wants(interest, what)) return;
    waiting = true;
    const auto side =
        what == Readiness::readable ? boost::asio::posix::stream_descriptor::wait_read : boost::asio::posix::stream_descriptor::wait_write;
    descriptor.async_wait(side, [self = shared_from_this(), what](const boost::system::error_code& error) { self->ready(what, error); });
  }

  void ready(Readiness what, const boost::system::error_code& error) {
    (what == Readiness::readable ? waiting_read : waiting_write) = false;
    if (handler == nullptr || error == boost::asio::error::operation_aborted) return;
    if (wants(interest, what)) handler->on_ready(what);
    if (handler != nullptr) wait(what);
  }

  boost::asio::posix::stream_descriptor descriptor;
  ReadinessHandler* handler;  ///< null once the watch ended
  Readiness interest = Readiness::none;
  bool waiting_read = false;
  bool waiting_write = false;
};

class DescriptorWatch final : public Watch {
 public:
  explicit DescriptorWatch(std::shared_ptr<WatchState> state) noexcept : state_(std::move(state)) {}
  ~DescriptorWatch() override {
    state_->handler = nullptr;
    state_->descriptor.release();  // deregisters; the owner closes it
  }
  void set_interest(Readiness what) noexcept override {
    state_->interest = what;
    state_->wait(Readiness::readable);
    state_->wait(Readiness::writable);
  }

 private:
  std::shared_ptr<WatchState> state_;
};

}  // namespace

std::unique_ptr<Watch> watch_descriptor(boost::asio::io_context& context, int descriptor, ReadinessHandler& handler) {
  return std::make_unique<DescriptorWatch>(std::make_shared<WatchState>(context, descriptor, handler));
}

}  // namespace driftstack::kernel
