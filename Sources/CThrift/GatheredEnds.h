// Ends of tasks that came on one connection together: they are handed on together and answered together, each as if it had
// come alone. One thread.

#pragma once

#include <thrift/Thrift.h>
#include <thrift/protocol/TProtocol.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "MemoryBudget.h"
#include "MessageWalker.h"
#include "Service.h"

namespace wire {

class GatheredEnds {
public:
    GatheredEnds(Service& service, MemoryBudget& budget) : service_(service), share_(budget) {}

    /// Are calls like this one gathered?
    bool takes(const uint8_t* message, const MessageWalker& walker) const {
        return service_.takesEnds() && walker.messageType() == 1 && walker.name(message) == "finishTask";
    }

    /// False: there is no memory for it, or it can't be read; it is not one of these.
    bool add(apache::thrift::protocol::TProtocol& message, const MessageWalker& walker) {
        if (!share_.take(walker.decodedBytes())) return false;
        try {
            std::string name;
            apache::thrift::protocol::TMessageType type;
            int32_t sequence;
            message.readMessageBegin(name, type, sequence);
            service_.readEnd(message, ends_.emplace_back());
            sequences_.push_back(sequence);
            return true;
        } catch (const apache::thrift::TException&) {
            ends_.resize(sequences_.size());
            return false;
        }
    }

    int64_t count() const { return static_cast<int64_t>(ends_.size()); }
    bool isEmpty() const { return ends_.empty(); }
    /// So many answers fit into a socket's buffer.
    bool isFull() const { return ends_.size() >= 64; }

    /// Hands them on and writes an answer for each. None is left.
    void answer(apache::thrift::protocol::TProtocol& out) {
        using namespace apache::thrift::protocol;
        std::vector<TMasterResult> results;
        service_.finishTasks(ends_, results);
        for (size_t i = 0; i < results.size(); i++) {
            out.writeMessageBegin("finishTask", T_REPLY, sequences_[i]);
            writeSuccess(out, results[i]);
            out.writeMessageEnd();
        }
        ends_.clear();
        sequences_.clear();
        share_.giveBack();
    }

private:
    Service& service_;
    BudgetShare share_;
    std::vector<TFinishTaskRequest> ends_;
    std::vector<int32_t> sequences_;
};

}  // namespace wire
