// One Thrift service as a server runs it: the generated processor over callbacks.

#pragma once

#include <thrift/TProcessor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "CThrift.h"

namespace wire {

class Service {
public:
    virtual ~Service() = default;
    virtual apache::thrift::TProcessor& processor() = 0;
    /// True: `report` gets the bytes of its argument instead of the decoded struct.
    virtual bool takesRawReports() const { return false; }
    virtual bool report(const uint8_t* /*bytes*/, size_t /*count*/, TMasterResult& /*result*/, std::string& error) {
        error = "no reports here";
        return false;
    }
    /// A report that is read while it arrives (`FrontendCallbacks`).
    virtual void* beginReport() { return nullptr; }
    virtual bool readReport(void* /*reader*/, const uint8_t* /*bytes*/, size_t /*count*/, size_t& /*used*/,
                            std::string& error) {
        error = "no reports here";
        return false;
    }
    virtual bool endReport(void* /*reader*/, const uint8_t* /*bytes*/, size_t /*count*/, TMasterResult& /*result*/,
                           std::string& error) {
        error = "no reports here";
        return false;
    }
    virtual void dropReport(void* /*reader*/) {}
    /// What one struct directly in the arguments' lists takes once decoded.
    virtual int64_t elementBytes() const { return 512; }
};

std::unique_ptr<Service> makeService(const HeartbeatCallbacks& callbacks);
std::unique_ptr<Service> makeService(const BackendCallbacks& callbacks);
std::unique_ptr<Service> makeService(const FrontendCallbacks& callbacks);

}  // namespace wire
