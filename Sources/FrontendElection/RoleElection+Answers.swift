internal import TabletModel

/// What the answers to calls mean.
extension RoleElection {
    mutating func take(
        _ answer: ElectionAnswer, to call: Waiting, _ now: MonotonicTime, _ step: inout ElectionStep
    ) {
        switch phase {
        case .watching: watched(answer, now, &step)
        case .asking: asked(answer, call, now, &step)
        case .campaigning(let hold): campaigned(answer, call, hold, now, &step)
        case .leading(let term): renewed(answer, call, term, now, &step)
        // What was out when the lead was given up.
        case .stopping: break
        }
    }

    private mutating func watched(_ answer: ElectionAnswer, _ now: MonotonicTime, _ step: inout ElectionStep) {
        guard case .observed(let observation) = answer else {
            nextCallAt = now + timing.retryEvery
            return
        }
        note(observation, now, &step)
        follow(observation, now, &step)
    }

    /// Stands for election if nobody leads; looks again later otherwise.
    mutating func follow(_ observation: LeaderObservation, _ now: MonotonicTime, _ step: inout ElectionStep) {
        if observation.holder == nil, mayCampaign(now) {
            phase = .asking
            call(.grant(ttl: timing.lease), now, &step)
        } else {
            nextCallAt = now + (observation.holder == nil && isCandidate ? timing.retryEvery : timing.observeEvery)
        }
    }

    private mutating func asked(
        _ answer: ElectionAnswer, _ call: Waiting, _ now: MonotonicTime, _ step: inout ElectionStep
    ) {
        guard case .granted(let grant) = answer else {
            phase = .watching
            postponeCampaign(now)
            return
        }
        let hold = LeaseHold(grant, asked: call.asked, timing)
        if hold.isOver(at: now) || !isCandidate {
            phase = .watching
            abandon(hold.lease, now, &step)
        } else {
            phase = .campaigning(hold)
            self.call(.campaign(hold.lease), now, &step)
        }
    }

    /// Of the campaign, or of looking what became of it.
    private mutating func campaigned(
        _ answer: ElectionAnswer, _ call: Waiting, _ hold: LeaseHold, _ now: MonotonicTime, _ step: inout ElectionStep
    ) {
        switch answer {
        case .campaigned(let observation), .observed(let observation):
            note(observation, now, &step)
            if let holder = observation.holder, holder.lease == hold.lease, isCandidate {
                lead(Term(hold: hold, fence: holder.fence, actsUntil: now + timing.promotionLimit), now, &step)
            } else if observation.holder == nil, isCandidate {
                // It has not been carried out, and may be yet: the same once more changes nothing then.
                self.call(.campaign(hold.lease), now, &step)
            } else {
                phase = .watching
                abandon(hold.lease, now, &step)
            }
        case .failed(.refused) where call.kind == .campaign(hold.lease):
            phase = .watching
            abandon(hold.lease, now, &step)
        case .failed, .granted, .keptAlive, .resigned:
            nextCallAt = now + timing.retryEvery
        }
    }

    private mutating func lead(_ term: Term, _ now: MonotonicTime, _ step: inout ElectionStep) {
        phase = .leading(term)
        nextCallAt = now
        step.actions.append(.replay(term.fence))
    }

    private mutating func renewed(
        _ answer: ElectionAnswer, _ call: Waiting, _ term: Term, _ now: MonotonicTime, _ step: inout ElectionStep
    ) {
        guard case .keptAlive(let ttl) = answer else {
            nextCallAt = now + timing.retryEvery
            return
        }
        guard let ttl else { return giveUp("its lease has ended", now, &step) }
        var term = term
        term.hold.renew(ttl, asked: call.asked, timing)
        phase = .leading(term)
        nextCallAt = call.asked + timing.renewEvery
    }
}
