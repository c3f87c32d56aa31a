#include "kernel/plugins/host/plugin_host.hpp"

#include <utility>

namespace driftstack::kernel {

KernelPluginHost::KernelPluginHost(const SharedHostParts& shared, const HostSeed& seed, std::unique_ptr<SettingView> settings,
                                   std::unique_ptr<CurlOutboundHttp> outbound, std::filesystem::path data_directory)
    : shared_(shared),
      finder_(seed.finder),
      log_(shared.log, seed.manifest.id),
      settings_(std::move(settings)),
      outbound_(std::move(outbound)),
      data_directory_(std::move(data_directory)),
      package_directory_(seed.folder) {}

}  // namespace driftstack::kernel
