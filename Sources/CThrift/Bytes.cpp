// Bare structs to bytes and back, and where libthrift's own log lines go.

#include <string>

#include <thrift/TOutput.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "CThrift.h"

namespace wire {

namespace {

using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TMemoryBuffer;

template <class Value>
Text encodeStruct(const Value& value) noexcept {
    try {
        auto out = std::make_shared<TMemoryBuffer>();
        TBinaryProtocol protocol(out);
        value.write(&protocol);
        return out->getBufferAsString();
    } catch (...) {
        return {};
    }
}

template <class Value>
bool decodeStruct(const Text& bytes, Value& value) noexcept {
    try {
        auto in = std::make_shared<TMemoryBuffer>(reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data())),
                                                  static_cast<uint32_t>(bytes.size()));
        TBinaryProtocol protocol(in);
        protocol.setStrict(true, true);
        return value.read(&protocol) == bytes.size();
    } catch (...) {
        return false;
    }
}

}  // namespace

Text encode(const TTabletInfo& value) noexcept { return encodeStruct(value); }
Text encode(const TAgentTaskRequest& value) noexcept { return encodeStruct(value); }
Text encode(const TReportRequest& value) noexcept { return encodeStruct(value); }
Text encode(const TFinishTaskRequest& value) noexcept { return encodeStruct(value); }
Text encode(const TMasterInfo& value) noexcept { return encodeStruct(value); }
Text encode(const THeartbeatResult& value) noexcept { return encodeStruct(value); }
Text encode(const TStatus& value) noexcept { return encodeStruct(value); }
Text encode(const TGetStoragePolicyResult& value) noexcept { return encodeStruct(value); }
bool decode(const Text& bytes, TTabletInfo& value) noexcept { return decodeStruct(bytes, value); }
bool decode(const Text& bytes, TAgentTaskRequest& value) noexcept { return decodeStruct(bytes, value); }
bool decode(const Text& bytes, TReportRequest& value) noexcept { return decodeStruct(bytes, value); }
bool decode(const Text& bytes, TFinishTaskRequest& value) noexcept { return decodeStruct(bytes, value); }

void routeLibthriftLog(void (*log)(const char* line)) noexcept { apache::thrift::GlobalOutput.setOutputFunction(log); }

}  // namespace wire
