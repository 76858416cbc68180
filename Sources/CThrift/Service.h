// One Thrift service as a server runs it: the generated processor over callbacks.

#pragma once

#include <thrift/TProcessor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "CThrift.h"

namespace wire {

/// The numeric address of the connection's other end whose call this thread carries out. Generated processors have no room for
/// it on the way to a handler.
extern thread_local const char* currentCaller;

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
    /// True: calls of `finishTask` that came together are handled together.
    virtual bool takesEnds() const { return false; }
    /// Reads the arguments of such a call, behind the message's head. Throws as the processor does.
    virtual void readEnd(apache::thrift::protocol::TProtocol& /*in*/, TFinishTaskRequest& /*end*/) {}
    virtual void finishTasks(const std::vector<TFinishTaskRequest>& /*ends*/, std::vector<TMasterResult>& /*results*/) {}
    /// What one struct directly in the arguments' lists takes once decoded.
    virtual int64_t elementBytes() const { return 512; }
};

/// The members of a reply, as generated code writes them.
void writeSuccess(apache::thrift::protocol::TProtocol& out, const TMasterResult& result);

std::unique_ptr<Service> makeService(const HeartbeatCallbacks& callbacks);
std::unique_ptr<Service> makeService(const BackendCallbacks& callbacks);
std::unique_ptr<Service> makeService(const FrontendCallbacks& callbacks);

}  // namespace wire
