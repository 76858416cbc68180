#include "CRocksDB.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

/// As RocksDB's `db/c.cc` has it.
struct rocksdb_env_t {
    rocksdb::Env *rep;
    bool is_default;
};

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// A log whose next bytes are zeros on the disk already: writing over them changes no size and no extent, so a sync has nothing
/// but the bytes themselves to wait for.
class PreparedLog final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    PreparedLog(std::unique_ptr<rocksdb::FSWritableFile> &&file, int descriptor)
        : FSWritableFileOwnerWrapper(std::move(file)), descriptor(descriptor) {}

    ~PreparedLog() override { close(descriptor); }

    IOStatus Append(const Slice &data, const IOOptions &options, IODebugContext *context) override {
        prepare(data.size());
        return FSWritableFileOwnerWrapper::Append(data, options, context);
    }

    IOStatus Append(const Slice &data, const IOOptions &options, const rocksdb::DataVerificationInfo &verification,
                    IODebugContext *context) override {
        prepare(data.size());
        return FSWritableFileOwnerWrapper::Append(data, options, verification, context);
    }

    IOStatus Truncate(uint64_t size, const IOOptions &options, IODebugContext *context) override {
        IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, context);
        if (status.ok()) end = prepared = static_cast<off_t>(size);
        return status;
    }

    IOStatus Close(const IOOptions &options, IODebugContext *context) override {
        // What is left of them is read as the end of the log, so that it need not work.
        if (end < prepared && ftruncate(descriptor, end) == 0) prepared = end;
        return FSWritableFileOwnerWrapper::Close(options, context);
    }

private:
    static constexpr off_t step = 256 << 10;

    /// Before so many bytes are appended. A disk without room for more is no error here: appending will tell.
    void prepare(size_t count) {
        static const char zeros[64 << 10] = {};
        end += static_cast<off_t>(count);
        if (end <= prepared) return;
        // The bytes to be appended are not written twice.
        off_t place = end;
        const off_t wanted = end + step;
        while (place < wanted) {
            const auto size = std::min<off_t>(sizeof zeros, wanted - place);
            const ssize_t written = pwrite(descriptor, zeros, static_cast<size_t>(size), place);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) break;
            place += written;
        }
        prepared = place;
    }

    const int descriptor;
    /// Of what was appended, and of the zeros behind it.
    off_t end = 0, prepared = 0;
};

/// The default file system, but for the logs that are written.
class PreparingFiles final : public rocksdb::FileSystemWrapper {
public:
    PreparingFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

    const char *Name() const override { return "PreparingFiles"; }

    IOStatus NewWritableFile(const std::string &path, const rocksdb::FileOptions &options,
                             std::unique_ptr<rocksdb::FSWritableFile> *result, IODebugContext *context) override {
        IOStatus status = FileSystemWrapper::NewWritableFile(path, options, result, context);
        if (!status.ok() || !Slice(path).ends_with(".log")) return status;
        // Without it the log is written like any other file.
        const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor >= 0) *result = std::make_unique<PreparedLog>(std::move(*result), descriptor);
        return status;
    }
};

} // namespace

extern "C" void tabletd_rocksdb_prepare_logs(rocksdb_options_t *options) {
    // RocksDB's threads use it until the process ends.
    static rocksdb::Env *const env = rocksdb::NewCompositeEnv(std::make_shared<PreparingFiles>()).release();
    rocksdb_env_t prepared{env, false};
    rocksdb_options_set_env(options, &prepared);
}
