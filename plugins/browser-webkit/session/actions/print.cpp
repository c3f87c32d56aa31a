#include "actions/print.hpp"

#include <gtk/gtkunixprint.h>

#include <memory>

namespace driftstack::browser_webkit {
namespace {

constexpr double kPdfMarginMillimetres = 10;

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

}  // namespace

Work<Attachment> print_pdf(Page& page, Command& command) {
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

}  // namespace driftstack::browser_webkit
