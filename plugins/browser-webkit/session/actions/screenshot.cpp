#include "actions/screenshot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <thread>

#include "actions/device_scale.hpp"
#include "image/jpeg_encoder.hpp"
#include "image/png_encoder.hpp"

namespace driftstack::browser_webkit {
namespace {

// cairo's largest image side; a taller page cannot be one picture.
constexpr double kMostImageSide = 32767;
// What one picture may hold: 128 MiB in the web process and as much here, in a tree that may have 768 MiB.
constexpr double kMostPixels = 32.0 * (1 << 20);

struct Size {
  double width = 0, height = 0;
  static constexpr auto shape = wire::object(wire::field<&Size::width>("width"), wire::field<&Size::height>("height"));
};

enum class BoxStatus : std::uint8_t { ready, absent };
constexpr auto enum_names(BoxStatus) {
  return std::to_array<std::pair<std::string_view, BoxStatus>>({{"ready", BoxStatus::ready}, {"absent", BoxStatus::absent}});
}
struct BoxQuestion {
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&BoxQuestion::selector>("selector"));
};
/// A box in CSS pixels: in the viewport, and from the corner of the document.
struct Box {
  BoxStatus status = BoxStatus::absent;
  std::optional<std::string> detail;
  double left = 0, top = 0, page_left = 0, page_top = 0, width = 0, height = 0;
  static constexpr auto shape =
      wire::object(wire::field<&Box::status>("status"), wire::field<&Box::detail>("detail"),
                   wire::field<&Box::left>("left", wire::defaulted), wire::field<&Box::top>("top", wire::defaulted),
                   wire::field<&Box::page_left>("page_left", wire::defaulted), wire::field<&Box::page_top>("page_top", wire::defaulted),
                   wire::field<&Box::width>("width", wire::defaulted), wire::field<&Box::height>("height", wire::defaulted));
};

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;

struct Snapshot {
  SurfacePtr surface;
  std::string error;
};

/// What is taken from the engine, and what of it becomes the picture. Rectangle in CSS pixels of the region.
struct Plan {
  WebKitSnapshotRegion region = WEBKIT_SNAPSHOT_REGION_VISIBLE;
  double left = 0, top = 0, width = 0, height = 0;
  double factor = 1;     ///< device pixels per CSS pixel of the picture
  int render_scale = 1;  ///< of the engine: whole, at least `factor`
};

Failure too_large(double width, double height) {
  Failure result = failure(FailureCode::too_large, "the page is too large for one picture");
  result.limit_bytes = static_cast<std::int64_t>(kMostPixels) * kBytesPerPixel;
  result.size_bytes = static_cast<std::int64_t>(std::min(width * height * kBytesPerPixel, 1e15));
  return result;
}

/// Nothing when a picture of that many device pixels can be made.
std::optional<Failure> refuse_size(double width, double height) {
  const bool fits = width <= kMostImageSide && height <= kMostImageSide && width * height <= kMostPixels;
  return fits ? std::nullopt : std::optional(too_large(width, height));
}

Work<Plan> plan_picture(Page& page, Command& command, const browser::Capture& message) {
  Plan plan;
  plan.factor = message.device_scale_factor.value_or(device_scale(page));
  plan.render_scale = std::max(device_scale(page), static_cast<int>(std::ceil(plan.factor)));
  const protocol::Empty nothing;
  Size region;
  region.width = page.width();
  region.height = page.height();
  Box box;
  if (message.selector) {
    BoxQuestion question;
    question.selector = *message.selector;
    Outcome<Box> found = co_await page.world().call<Box>(command, "pictureBox", question, command.deadline());
    if (!found) co_return std::move(found.failure());
    box = std::move(*found);
    if (box.status == BoxStatus::absent) co_return failure(FailureCode::conflict, box.detail.value_or("no element matches"));
  }
  const bool in_view = box.left >= 0 && box.top >= 0 && box.left + box.width <= region.width && box.top + box.height <= region.height;
  if (message.full_page || !in_view) {
    Outcome<Size> all = co_await page.world().call<Size>(command, "size", nothing, command.deadline());
    if (!all) co_return std::move(all.failure());
    region = *all;
    plan.region = WEBKIT_SNAPSHOT_REGION_FULL_DOCUMENT;
    box.left = box.page_left;
    box.top = box.page_top;
  }
  plan.left = box.left;
  plan.top = box.top;
  plan.width = message.selector ? box.width : region.width;
  plan.height = message.selector ? box.height : region.height;
  const std::optional<Failure> refusal = refuse_size(region.width * plan.render_scale, region.height * plan.render_scale);
  if (refusal) co_return *refusal;
  co_return plan;
}

void on_snapshot(GObject* view, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OneShot<Snapshot>> answer(static_cast<OneShot<Snapshot>*>(data));
  GError* error = nullptr;
  Snapshot snapshot;
  snapshot.surface.reset(webkit_web_view_get_snapshot_finish(WEBKIT_WEB_VIEW(view), result, &error));
  if (error != nullptr) {
    snapshot.error = error->message;
    g_error_free(error);
  }
  answer->set(std::move(snapshot));
}

Work<SurfacePtr> take_snapshot(Page& page, Command& command, WebKitSnapshotRegion region) {
  const OneShot<Snapshot> taken;
  auto pending = std::make_unique<OneShot<Snapshot>>(taken);
  webkit_web_view_get_snapshot(page.view(), region, WEBKIT_SNAPSHOT_OPTIONS_NONE, nullptr, on_snapshot, pending.release());
  std::optional<Snapshot> snapshot = co_await taken.wait(command);
  if (!snapshot) co_return command.gave_up("the page did not give a picture in time");
  if (!snapshot->surface) co_return failure(FailureCode::internal, "the engine gave no picture: " + snapshot->error);
  // The page may have grown since it was measured.
  const double width = cairo_image_surface_get_width(snapshot->surface.get());
  const double height = cairo_image_surface_get_height(snapshot->surface.get());
  const std::optional<Failure> refusal = refuse_size(width, height);
  if (refusal) co_return *refusal;
  co_return std::move(snapshot->surface);
}

/// The rectangle of a plan in device pixels: whole ones that hold all of it.
struct Pixels {
  int left = 0, top = 0, width = 0, height = 0;
};

Pixels enclosing(const Plan& plan, double scale) {
  constexpr double kNoise = 1e-3;  // layouts compute in 64ths of a pixel; sums of them are not exact
  Pixels pixels;
  pixels.left = static_cast<int>(std::floor(plan.left * scale + kNoise));
  pixels.top = static_cast<int>(std::floor(plan.top * scale + kNoise));
  pixels.width = static_cast<int>(std::ceil((plan.left + plan.width) * scale - kNoise)) - pixels.left;
  pixels.height = static_cast<int>(std::ceil((plan.top + plan.height) * scale - kNoise)) - pixels.top;
  return pixels;
}

/// The picture of a plan from a larger rendering of it.
SurfacePtr scale_down(cairo_surface_t* rendered, const Plan& plan) {
  const Pixels pixels = enclosing(plan, plan.factor);
  SurfacePtr smaller(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, pixels.width, pixels.height));
  cairo_t* painter = cairo_create(smaller.get());
  const double ratio = plan.factor / plan.render_scale;
  cairo_translate(painter, -pixels.left, -pixels.top);
  cairo_scale(painter, ratio, ratio);
  cairo_surface_set_device_scale(rendered, 1, 1);
  cairo_set_source_surface(painter, rendered, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(painter), CAIRO_FILTER_BEST);
  cairo_paint(painter);
  const bool painted = cairo_status(painter) == CAIRO_STATUS_SUCCESS;
  cairo_destroy(painter);
  if (!painted) smaller.reset();
  return smaller;
}

PixelView view_of(cairo_surface_t* image, Pixels part) {
  cairo_surface_flush(image);
  const int width = cairo_image_surface_get_width(image), height = cairo_image_surface_get_height(image);
  part.left = std::clamp(part.left, 0, width);
  part.top = std::clamp(part.top, 0, height);
  PixelView pixels;
  pixels.stride = static_cast<std::size_t>(cairo_image_surface_get_stride(image));
  pixels.data = cairo_image_surface_get_data(image) + static_cast<std::size_t>(part.top) * pixels.stride +
                static_cast<std::size_t>(part.left) * kBytesPerPixel;
  pixels.width = std::min(part.width, width - part.left);
  pixels.height = std::min(part.height, height - part.top);
  return pixels;
}

std::optional<std::string> encode(SurfacePtr rendered, const Plan& plan, browser::ImageFormat format, int quality) {
  Pixels part = enclosing(plan, plan.factor);
  if (plan.factor != plan.render_scale) {
    rendered = scale_down(rendered.get(), plan);
    if (!rendered) return std::nullopt;
    part.left = part.top = 0;
  }
  const PixelView pixels = view_of(rendered.get(), part);
  return format == browser::ImageFormat::jpeg ? encode_jpeg(pixels, quality) : encode_png(pixels);
}

using Encoded = std::optional<std::string>;

/// Runs `encode` on a thread of its own and brings the result back to the main loop.
void encode_aside(std::function<Encoded()> encode, OneShot<Encoded> answer) {
  struct Finished {
    std::function<Encoded()> encode;
    OneShot<Encoded> answer;
    Encoded bytes;
  };
  auto work = std::make_unique<Finished>();
  work->encode = std::move(encode);
  work->answer = std::move(answer);
  std::thread([finished = std::move(work)]() mutable {
    finished->bytes = finished->encode();
    finished->encode = nullptr;
    g_idle_add_full(
        G_PRIORITY_HIGH,
        [](gpointer data) -> gboolean {
          const std::unique_ptr<Finished> done(static_cast<Finished*>(data));
          done->answer.set(std::move(done->bytes));
          return G_SOURCE_REMOVE;
        },
        finished.release(), nullptr);
  }).detach();
}

}  // namespace

Work<Attachment> screenshot(Page& page, Compositor& compositor, Command& command, browser::Capture message) {
  const int scale_before = device_scale(page);
  Outcome<Plan> plan = co_await plan_picture(page, command, message);
  if (!plan) co_return std::move(plan.failure());
  Outcome<> scaled = co_await change_device_scale(page, compositor, command, plan->render_scale);
  Outcome<SurfacePtr> surface = failure(FailureCode::internal, "no picture was taken");
  if (scaled) surface = co_await take_snapshot(page, command, plan->region);
  Outcome<> restored = co_await change_device_scale(page, compositor, command, scale_before);
  if (!scaled) co_return std::move(scaled.failure());
  if (!surface) co_return std::move(surface.failure());
  if (!restored) co_return std::move(restored.failure());

  const OneShot<Encoded> encoded;
  std::shared_ptr<cairo_surface_t> rendered(std::move(*surface));
  std::function<Encoded()> work = [rendered, plan = *plan, format = message.format, quality = message.quality] {
    return encode(SurfacePtr(cairo_surface_reference(rendered.get())), plan, format, quality);
  };
  rendered.reset();
  encode_aside(std::move(work), encoded);
  std::optional<Encoded> bytes = co_await encoded.wait(command);
  if (!bytes) co_return command.gave_up("the picture was not encoded in time");
  if (!*bytes) co_return failure(FailureCode::internal, "the picture could not be encoded");
  co_return Attachment::made_of(**bytes);
}

}  // namespace driftstack::browser_webkit
