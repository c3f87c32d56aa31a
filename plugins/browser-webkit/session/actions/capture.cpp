#include "actions/capture.hpp"

#include <gtk/gtkunixprint.h>

#include <memory>
#include <thread>

#include "png_encoder.hpp"

namespace driftstack::browser_webkit {
namespace {

// cairo's largest image side; a taller page cannot be one picture.
constexpr double kMostImageSide = 32767;
constexpr double kPdfMarginMillimetres = 10;

struct PageSize {
  double width = 0, height = 0;
  static constexpr auto shape = wire::object(wire::field<&PageSize::width>("width"), wire::field<&PageSize::height>("height"));
};

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;

struct Snapshot {
  SurfacePtr surface;
  std::string error;
};

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

/// Encodes on a thread of its own and brings the result back to the main loop.
void encode_aside(SurfacePtr surface, OneShot<std::optional<std::string>> answer) {
  struct Finished {
    OneShot<std::optional<std::string>> answer;
    std::optional<std::string> png;
    SurfacePtr surface;
  };
  auto work = std::make_unique<Finished>();
  work->answer = std::move(answer);
  work->surface = std::move(surface);
  std::thread([finished = std::move(work)]() mutable {
    cairo_surface_t* image = finished->surface.get();
    cairo_surface_flush(image);
    PixelView pixels;
    pixels.data = cairo_image_surface_get_data(image);
    pixels.width = cairo_image_surface_get_width(image);
    pixels.height = cairo_image_surface_get_height(image);
    pixels.stride = static_cast<std::size_t>(cairo_image_surface_get_stride(image));
    finished->png = encode_png(pixels);
    g_idle_add_full(
        G_PRIORITY_HIGH,
        [](gpointer data) -> gboolean {
          const std::unique_ptr<Finished> done(static_cast<Finished*>(data));
          done->answer.set(std::move(done->png));
          return G_SOURCE_REMOVE;
        },
        finished.release(), nullptr);
  }).detach();
}

Work<Attachment> attach(std::string bytes) {
  std::optional<Attachment> attachment = Attachment::of(bytes);
  if (!attachment) co_return failure(FailureCode::internal, "no memory for the capture");
  co_return std::move(*attachment);
}

Work<Attachment> screenshot(Page& page, Command& command, bool full_page) {
  if (full_page) {
    const protocol::Empty nothing;
    Outcome<PageSize> size = co_await page.world().call<PageSize>(command, "size", nothing, command.deadline());
    if (!size) co_return std::move(size.failure());
    const double scale = gtk_widget_get_scale_factor(GTK_WIDGET(page.view()));
    if (size->width * scale > kMostImageSide || size->height * scale > kMostImageSide) {
      co_return failure(FailureCode::too_large, "the page is too large for one picture");
    }
  }
  const OneShot<Snapshot> taken;
  auto pending = std::make_unique<OneShot<Snapshot>>(taken);
  webkit_web_view_get_snapshot(page.view(), full_page ? WEBKIT_SNAPSHOT_REGION_FULL_DOCUMENT : WEBKIT_SNAPSHOT_REGION_VISIBLE,
                               WEBKIT_SNAPSHOT_OPTIONS_NONE, nullptr, on_snapshot, pending.release());
  std::optional<Snapshot> snapshot = co_await taken.wait(command);
  if (!snapshot) co_return command.gave_up("the page did not give a picture in time");
  if (!snapshot->surface) co_return failure(FailureCode::internal, "the engine gave no picture: " + snapshot->error);
  const OneShot<std::optional<std::string>> encoded;
  encode_aside(std::move(snapshot->surface), encoded);
  std::optional<std::optional<std::string>> png = co_await encoded.wait(command);
  if (!png) co_return command.gave_up("the picture was not encoded in time");
  if (!*png) co_return failure(FailureCode::internal, "the picture could not be encoded");
  co_return co_await attach(std::move(**png));
}

Work<Attachment> html(Page& page, Command& command) {
  Outcome<std::string> text = co_await page.world().call_for_text(command, "html", "{}", command.deadline());
  if (!text) co_return std::move(text.failure());
  co_return co_await attach(std::move(*text));
}

WebKitPrintOperation* make_print_operation(WebKitWebView* view, const std::string& path) {
  WebKitPrintOperation* operation = webkit_print_operation_new(view);
  GtkPrintSettings* settings = gtk_print_settings_new();
  gtk_print_settings_set_printer(settings, "Print to File");
  gtk_print_settings_set(settings, GTK_PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf");
  gtk_print_settings_set(settings, GTK_PRINT_SETTINGS_OUTPUT_URI, ("file://" + path).c_str());
  webkit_print_operation_set_print_settings(operation, settings);
  g_object_unref(settings);
  GtkPageSetup* setup = gtk_page_setup_new();
  GtkPaperSize* paper = gtk_paper_size_new(GTK_PAPER_NAME_A4);
  gtk_page_setup_set_paper_size(setup, paper);
  gtk_paper_size_free(paper);
  gtk_page_setup_set_top_margin(setup, kPdfMarginMillimetres, GTK_UNIT_MM);
  gtk_page_setup_set_bottom_margin(setup, kPdfMarginMillimetres, GTK_UNIT_MM);
  gtk_page_setup_set_left_margin(setup, kPdfMarginMillimetres, GTK_UNIT_MM);
  gtk_page_setup_set_right_margin(setup, kPdfMarginMillimetres, GTK_UNIT_MM);
  webkit_print_operation_set_page_setup(operation, setup);
  g_object_unref(setup);
  return operation;
}

Work<Attachment> pdf(Page& page, Command& command) {
  const std::string path = page.directory() + "/print.pdf";
  const OneShot<std::string> printed;  // an error text, empty when all went well
  WebKitPrintOperation* operation = make_print_operation(page.view(), path);
  // The operation outlives this frame when the command gives up first: its handlers own what they use.
  OneShot<std::string>* pending = std::make_unique<OneShot<std::string>>(printed).release();
  g_signal_connect(operation, "failed", G_CALLBACK(+[](WebKitPrintOperation*, GError* error, gpointer data) {
                     static_cast<OneShot<std::string>*>(data)->set(error->message);
                   }),
                   pending);
  g_signal_connect(operation, "finished", G_CALLBACK(+[](WebKitPrintOperation* finished, gpointer data) {
                     const std::unique_ptr<OneShot<std::string>> answer(static_cast<OneShot<std::string>*>(data));
                     answer->set("");
                     g_signal_handlers_disconnect_by_data(finished, data);
                     g_object_unref(finished);
                   }),
                   pending);
  webkit_print_operation_print(operation);
  const std::optional<std::string> error = co_await printed.wait(command);
  if (!error) co_return command.gave_up("the page was not printed in time");
  if (!error->empty()) co_return failure(FailureCode::internal, "the page could not be printed: " + *error);
  std::optional<Attachment> file = Attachment::take_file(path);
  if (!file) co_return failure(FailureCode::internal, "the printed page cannot be read");
  co_return std::move(*file);
}

}  // namespace

Work<Attachment> capture(Page& page, Command& command, browser::Capture message) {
  switch (message.kind) {
    case browser::CaptureKind::screenshot:
      co_return co_await screenshot(page, command, message.full_page);
    case browser::CaptureKind::pdf:
      co_return co_await pdf(page, command);
    case browser::CaptureKind::dom_snapshot:
      co_return co_await html(page, command);
  }
  co_return failure(FailureCode::internal, "unknown kind of capture");
}

}  // namespace driftstack::browser_webkit
