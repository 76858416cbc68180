#include "CRocksDB.h"

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <rocksdb/env.h>

/// The C API of RocksDB takes a logger, but before version 9 it makes none. This is the type as its `db/c.cc` has it.
struct rocksdb_logger_t {
    std::shared_ptr<rocksdb::Logger> rep;
};

namespace {

class ForwardingLogger final : public rocksdb::Logger {
public:
    ForwardingLogger(
        rocksdb::InfoLogLevel least, void *context, void (*log)(void *, int, const char *), void (*release)(void *))
        : Logger(least), context(context), log(log), release(release) {}

    ~ForwardingLogger() override { release(context); }

    using rocksdb::Logger::Logv;

    void Logv(const char *format, va_list arguments) override { Logv(rocksdb::INFO_LEVEL, format, arguments); }

    void Logv(const rocksdb::InfoLogLevel level, const char *format, va_list arguments) override {
        if (level < GetInfoLogLevel() || level > rocksdb::FATAL_LEVEL) return;
        char text[1024];
        if (std::vsnprintf(text, sizeof text, format, arguments) < 0) return;
        log(context, static_cast<int>(level), text);
    }

    /// Options, at each opening: kept in the store's OPTIONS file anyway.
    void LogHeader(const char *, va_list) override {}

private:
    void *context;
    void (*log)(void *, int, const char *);
    void (*release)(void *);
};

} // namespace

extern "C" bool tabletd_rocksdb_set_logger(
    rocksdb_options_t *options, int least, void *context, void (*log)(void *, int, const char *),
    void (*release)(void *)) {
    std::shared_ptr<rocksdb::Logger> made;
    try {
        made = std::make_shared<ForwardingLogger>(
            static_cast<rocksdb::InfoLogLevel>(least), context, log, release);
    } catch (...) {
        release(context);
        return false;
    }
    rocksdb_logger_t logger{made};
    rocksdb_options_set_info_log(options, &logger);
    return true;
}
