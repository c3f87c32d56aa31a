#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "driftstack/result.hpp"
#include "kernel/plugins/descriptor.hpp"

namespace driftstack::kernel {

/// Opens a folder whose content only root and `user` can decide. The path must be absolute and is walked part by part through descriptors,
/// so that nothing can be swapped between check and use. Every part must be a folder, no link, owned by root or `user`, and not writable by
/// its group or others. One exception: a part above the folder itself may be writable by all when it has the sticky bit, as /tmp has,
/// because there nobody can replace what belongs to another user. The error's detail names the part and the reason.
Result<Descriptor> open_trusted_folder(const std::filesystem::path& folder, uid_t user);

/// Opens a regular file in such a folder for reading, under the same rules. `name` is one path part. Errc::not_found when there is none.
Result<Descriptor> open_trusted_file(const Descriptor& folder, const std::filesystem::path& folder_path, const std::string& name,
                                     uid_t user);

/// The content of an open file of at most 1 MiB.
Result<std::string> read_small_file(const Descriptor& file, const std::string& shown_name);

}  // namespace driftstack::kernel
