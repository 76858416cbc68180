#include "MessageWalker.h"

#include <algorithm>
#include <cstring>

namespace wire {

namespace {

constexpr uint8_t typeStruct = 12, typeMap = 13, typeSet = 14, typeList = 15, typeString = 11;
constexpr int64_t maxNameBytes = 128;

/// Bytes of a value whose size its type tells; 0 for the others; -1 for no type at all.
int fixedSize(uint8_t type) {
    switch (type) {
    case 2: case 3: return 1;   // bool, byte
    case 6: return 2;           // i16
    case 8: return 4;           // i32
    case 4: case 10: return 8;  // double, i64
    case typeString: case typeStruct: case typeMap: case typeSet: case typeList: return 0;
    default: return -1;
    }
}

uint32_t load32(const uint8_t* at) {
    uint32_t value;
    std::memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

/// What one decoded element takes in a vector or in a tree node, roughly and rather too much.
int64_t decodedSize(uint8_t type, int64_t structBytes) {
    switch (type) {
    case typeStruct: return structBytes;
    case typeString: return 48;
    case typeMap: case typeSet: case typeList: return 64;
    default: return 8;
    }
}

}  // namespace

MessageWalker::MessageWalker(const WalkLimits& ordinary, const WalkLimits& report, bool forReplies,
                             int64_t elementBytes)
    : ordinary_(&ordinary),
      report_(&report),
      limits_(&ordinary),
      elementBytes_(elementBytes),
      forReplies_(forReplies) {}

void MessageWalker::reset() {
    limits_ = ordinary_;
    isReport_ = false;
    phase_ = Phase::header;
    depth_ = containers_ = 0;
    position_ = argumentBegin_ = argumentEnd_ = 0;
    dropped_ = 0;
    hasArgument_ = false;
    skip_ = decodedBytes_ = 0;
    refusal_ = nullptr;
}

void MessageWalker::drop(size_t bytes) {
    position_ -= bytes;
    dropped_ += static_cast<int64_t>(bytes);
    argumentBegin_ -= std::min(argumentBegin_, bytes);
    argumentEnd_ -= std::min(argumentEnd_, bytes);
}

bool MessageWalker::refuse(const char* reason) {
    refusal_ = reason;
    return false;
}

/// `bytes` more will follow: may they?
bool MessageWalker::claim(int64_t bytes) {
    if (dropped_ + static_cast<int64_t>(position_) + bytes > limits_->maxMessageBytes) {
        return refuse("the message is larger than the limit");
    }
    return true;
}

Progress MessageWalker::walk(const uint8_t* data, size_t size) {
    if (refusal_) return Progress::refused;
    if (phase_ != Phase::body) {
        Progress progress = head(data, size);
        if (progress != Progress::complete) return progress;
    }
    return body(data, size);
}

/// Strict header only: version, name, sequence number. `complete` means that the body begins.
Progress MessageWalker::head(const uint8_t* data, size_t size) {
    if (phase_ == Phase::header) {
        // Each byte is judged when it comes: a peer that speaks something else is told apart at its first one.
        static const uint8_t magic[3] = {0x80, 0x01, 0x00};
        for (size_t i = 0; i < std::min<size_t>(size, 3); i++) {
            if (data[i] != magic[i]) return refuse("not a strict Thrift binary message"), Progress::refused;
        }
        if (size < 8) return Progress::needMore;
        messageType_ = data[3];
        bool fits = forReplies_ ? messageType_ == 2 || messageType_ == 3 : messageType_ == 1 || messageType_ == 4;
        if (!fits) return refuse("unexpected Thrift message type"), Progress::refused;
        uint32_t length = load32(data + 4);
        if (length > maxNameBytes) return refuse("the method name is longer than the limit"), Progress::refused;
        nameLength_ = static_cast<int32_t>(length);
        phase_ = Phase::name;
    }
    size_t end = 8 + static_cast<size_t>(nameLength_) + 4;
    if (size < end) return Progress::needMore;
    sequence_ = static_cast<int32_t>(load32(data + end - 4));
    isReport_ = !forReplies_ && report_ != ordinary_ && name(data) == "report";
    limits_ = isReport_ ? report_ : ordinary_;
    position_ = end;
    phase_ = Phase::body;
    pushFields();
    return Progress::complete;
}

Progress MessageWalker::body(const uint8_t* data, size_t size) {
    while (true) {
        if (skip_ > 0) {
            int64_t step = std::min<int64_t>(skip_, static_cast<int64_t>(size - position_));
            position_ += static_cast<size_t>(step);
            skip_ -= step;
            if (skip_ > 0) return Progress::needMore;
        }
        if (depth_ == 0) {
            phase_ = Phase::done;
            return Progress::complete;
        }
        bool moved = frames_[depth_ - 1].kind == Kind::fields ? stepFields(data, size) : stepElements(data, size);
        if (!moved) return refusal_ ? Progress::refused : Progress::needMore;
    }
}

bool MessageWalker::stepFields(const uint8_t* data, size_t size) {
    Frame& frame = frames_[depth_ - 1];
    while (true) {
        if (frame.pending) {
            uint8_t type = frame.pending;
            // The value may push a frame, so this one is done with first; restored when bytes are missing.
            frame.pending = 0;
            if (!value(type, data, size)) {
                frame.pending = type;
                return false;
            }
            return true;
        }
        if (position_ >= size) return false;
        uint8_t type = data[position_];
        if (type == 0) {
            if (!claim(1)) return false;
            position_ += 1;
            depth_ -= 1;
            if (frame.isArgument) argumentEnd_ = position_;
            return true;
        }
        int fixed = fixedSize(type);
        if (fixed < 0) return refuse("no such Thrift type");
        if (size - position_ < 3) return false;
        if (!claim(3 + fixed)) return false;
        bool isFirst = depth_ == 1 && type == typeStruct && data[position_ + 1] == 0 && data[position_ + 2] == 1;
        position_ += 3;
        if (fixed == 0) {
            frame.pending = type;
            if (isFirst) {
                argumentBegin_ = argumentEnd_ = position_;
                hasArgument_ = true;
                frame.pending = 0;
                if (!pushFields()) return false;
                frames_[depth_ - 1].isArgument = true;
                return true;
            }
        } else if (size - position_ >= static_cast<size_t>(fixed)) {
            position_ += static_cast<size_t>(fixed);
        } else {
            skip_ = fixed;
            return true;
        }
    }
}

bool MessageWalker::stepElements(const uint8_t* data, size_t size) {
    Frame& frame = frames_[depth_ - 1];
    if (frame.remaining == 0) {
        depth_ -= 1;
        containers_ -= 1;
        return true;
    }
    uint8_t turn = frame.turn;
    // Counted before the value pushes its own frame; taken back when bytes are missing.
    if (turn == 1 || frame.types[1] == 0) frame.remaining -= 1;
    if (frame.types[1] != 0) frame.turn ^= 1;
    if (value(frame.types[turn], data, size)) return true;
    if (turn == 1 || frame.types[1] == 0) frame.remaining += 1;
    frame.turn = turn;
    return false;
}

bool MessageWalker::value(uint8_t type, const uint8_t* data, size_t size) {
    int fixed = fixedSize(type);
    if (fixed > 0) {
        if (!claim(fixed)) return false;
        skip_ = fixed;
        return true;
    }
    switch (type) {
    case typeStruct: return pushFields();
    case typeString: {
        if (size - position_ < 4) return false;
        uint32_t length = load32(data + position_);
        if (length > static_cast<uint64_t>(limits_->maxStringBytes)) return refuse("a string is longer than the limit");
        if (!claim(4 + static_cast<int64_t>(length))) return false;
        position_ += 4;
        skip_ = length;
        return true;
    }
    default: return containerHead(type, data, size);
    }
}

bool MessageWalker::containerHead(uint8_t type, const uint8_t* data, size_t size) {
    size_t headBytes = type == typeMap ? 6 : 5;
    if (size - position_ < headBytes) return false;
    uint8_t first = data[position_];
    uint8_t second = type == typeMap ? data[position_ + 1] : 0;
    uint32_t count = load32(data + position_ + headBytes - 4);
    if (count > static_cast<uint64_t>(limits_->maxElements)) {
        return refuse("a container has more elements than the limit");
    }
    if (!claim(static_cast<int64_t>(headBytes))) return false;
    if (count == 0) {
        position_ += headBytes;
        return true;
    }
    int firstSize = fixedSize(first);
    int secondSize = type == typeMap ? fixedSize(second) : 0;
    if (firstSize < 0 || secondSize < 0) return refuse("no such Thrift type");

    int64_t structBytes = containers_ == 0 ? elementBytes_ : 512;
    int64_t each = decodedSize(first, structBytes) + (type == typeList ? 0 : 48);
    if (type == typeMap) each += decodedSize(second, structBytes);
    decodedBytes_ += each * count;
    if (decodedBytes_ > limits_->maxDecodedBytes) return refuse("the message would take more memory than the limit");

    bool isFlat = firstSize > 0 && (type != typeMap || secondSize > 0);
    int64_t bytes = isFlat ? int64_t{count} * (firstSize + secondSize) : int64_t{count};
    if (!claim(static_cast<int64_t>(headBytes) + bytes)) return false;
    position_ += headBytes;
    if (isFlat) {
        skip_ = bytes;
        return true;
    }
    return pushElements(first, second, count);
}

bool MessageWalker::pushFields() {
    if (depth_ == maxDepth) return refuse("nested too deep");
    frames_[depth_++] = Frame{Kind::fields, false, 0, {0, 0}, 0, 0};
    return true;
}

bool MessageWalker::pushElements(uint8_t first, uint8_t second, uint32_t count) {
    if (depth_ == maxDepth) return refuse("nested too deep");
    frames_[depth_++] = Frame{Kind::elements, false, 0, {first, second}, 0, count};
    containers_ += 1;
    return true;
}

}  // namespace wire
