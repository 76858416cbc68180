// Finds the end of a TBinaryProtocol message as its bytes arrive, without decoding and without allocating.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wire {

struct WalkLimits {
    int64_t maxMessageBytes;
    int64_t maxStringBytes;
    int64_t maxElements;
    /// Bytes that the decoded objects may take, by the walker's estimate.
    int64_t maxDecodedBytes;
};

enum class Progress { needMore, complete, refused };

/// Resumes where the bytes ended. Every claim of a length or a count is checked against the limits before anybody waits
/// for it or allocates for it; depth is bounded; what is not the protocol is refused at its first wrong byte.
class MessageWalker {
public:
    /// `report` holds for the method of that name on a server; `elementBytes` is what one struct directly in the
    /// arguments' lists takes once decoded.
    MessageWalker(const WalkLimits& ordinary, const WalkLimits& report, bool forReplies, int64_t elementBytes);

    void reset();

    /// `data` begins at the message's first byte, in every call; more bytes than the message is fine.
    Progress walk(const uint8_t* data, size_t size);

    /// Bytes walked; the message's length once it is complete.
    size_t position() const { return position_; }
    bool atStart() const { return position_ == 0; }
    std::string_view name(const uint8_t* data) const {
        return {reinterpret_cast<const char*>(data) + 8, static_cast<size_t>(nameLength_)};
    }
    uint8_t messageType() const { return messageType_; }
    int32_t sequence() const { return sequence_; }
    bool isReport() const { return isReport_; }
    /// Where field 1 of the arguments, a struct, begins and ends; equal when there is none.
    size_t argumentBegin() const { return argumentBegin_; }
    size_t argumentEnd() const { return argumentEnd_; }
    bool hasArgument() const { return hasArgument_; }
    /// The argument is over: its end is known.
    bool hasWholeArgument() const { return hasArgument_ && argumentEnd_ != argumentBegin_; }
    int64_t decodedBytes() const { return decodedBytes_; }
    /// The first `bytes`, all walked, are gone: what comes next, and every place told from now on, counts from behind them.
    void drop(size_t bytes);
    /// Why the message was refused.
    const char* refusal() const { return refusal_; }

private:
    enum class Phase : uint8_t { header, name, sequence, body, done };
    enum class Kind : uint8_t { fields, elements };
    struct Frame {
        Kind kind;
        bool isArgument;
        /// fields: the type of the value that comes next, 0 when a field header does.
        uint8_t pending;
        /// elements: types of even and odd ones (a map's keys and values).
        uint8_t types[2];
        uint8_t turn;
        uint32_t remaining;
    };
    static constexpr int maxDepth = 64;

    bool refuse(const char* reason);
    /// Takes the head of a value; false: more bytes are needed, or it was refused.
    bool value(uint8_t type, const uint8_t* data, size_t size);
    bool containerHead(uint8_t type, const uint8_t* data, size_t size);
    bool pushFields();
    bool pushElements(uint8_t first, uint8_t second, uint32_t count);
    bool claim(int64_t bytes);
    bool stepFields(const uint8_t* data, size_t size);
    bool stepElements(const uint8_t* data, size_t size);
    Progress body(const uint8_t* data, size_t size);
    Progress head(const uint8_t* data, size_t size);

    const WalkLimits* ordinary_;
    const WalkLimits* report_;
    const WalkLimits* limits_;
    int64_t elementBytes_;
    bool forReplies_;
    bool isReport_ = false;
    Phase phase_ = Phase::header;
    uint8_t messageType_ = 0;
    int depth_ = 0;
    int containers_ = 0;
    int32_t nameLength_ = 0;
    int32_t sequence_ = 0;
    size_t position_ = 0;
    /// Bytes of the message that were dropped.
    int64_t dropped_ = 0;
    bool hasArgument_ = false;
    /// Bytes of a string or of fixed-size elements still to pass over.
    int64_t skip_ = 0;
    size_t argumentBegin_ = 0;
    size_t argumentEnd_ = 0;
    int64_t decodedBytes_ = 0;
    const char* refusal_ = nullptr;
    Frame frames_[maxDepth];
};

}  // namespace wire
