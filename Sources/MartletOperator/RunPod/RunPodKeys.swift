internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Finds the key with which an object's endpoint can be reached: its Secret's, one that was held before, or the operator's
/// own. A Secret may vanish together with its object, and be rotated at any moment; the endpoint stays.
struct RunPodKeys: Sendable {
    let objects: any EndpointObjects
    let accounts: RunPodAccounts
    /// `--runpod-credentials-secret`; reaches what exists and never creates anything.
    let fallback: SecretText?

    /// What the search came to.
    struct Choice: Sendable {
        /// Nil: there is no key at all.
        var account: RunPodAccount?
        /// What is wrong with the key of the object's own Secret.
        var problem: CallProblem?
    }

    /// Chooses, and keeps in `held` what may still be needed: every key that worked, until the Secret's own sees the
    /// endpoint.
    func choose(
        for reference: SecretText?, _ record: EndpointRecord, held: inout [RunPodKey]
    ) async throws -> Choice {
        var problem: CallProblem?
        var own: RunPodKey?
        if let reference {
            do { own = try await key(in: reference) } catch let refusal as CallProblem { problem = refusal }
        } else {
            problem = CallProblem(.keyMissing, "The spec names no Secret with an API key.")
        }
        guard !record.isEmpty else {
            held = own.map { [$0] } ?? []
            return Choice(account: own.map { accounts[$0] }, problem: problem)
        }
        var candidates = (own.map { [$0] } ?? []) + held.filter { $0 != own }
        if let fallback, let key = try? await key(in: fallback), !candidates.contains(key) { candidates.append(key) }
        var choice: RunPodKey?
        var unproven: RunPodKey?
        var refused: RunPodKey?
        search: for key in candidates {
            switch await judge(accounts[key], record) {
            case .reaches:
                choice = key
                break search
            case .provesNothing: unproven = unproven ?? key
            case .refused(let why):
                refused = refused ?? key
                guard key == own else { continue }
                problem = why
                if let reference { await objects.distrust(reference) }
            }
        }
        let chosen = choice ?? unproven ?? refused
        if let choice, choice == own {
            held = [choice]
        } else {
            held = candidates
        }
        return Choice(account: chosen.map { accounts[$0] }, problem: problem)
    }

    /// The operator's own key, if it has one and it can be read.
    func standby() async -> RunPodKey? {
        guard let fallback else { return nil }
        return try? await key(in: fallback)
    }

    private enum Verdict { case reaches, provesNothing, refused(CallProblem) }

    /// Whether an account can tell of the recorded endpoint. Lists it if it never was.
    private func judge(_ account: RunPodAccount, _ record: EndpointRecord) async -> Verdict {
        if account.listing == nil { await account.list(after: .distantPast, as: .closing) }
        if let problem = account.problem, problem.reason.isOfKey { return .refused(problem) }
        if let id = record.endpointID, account.listing?[id] != nil { return .reaches }
        let isSame = record.keyFingerprint.map { $0 == account.fingerprint.rawValue } ?? true
        return isSame ? .reaches : .provesNothing
    }

    /// Throws `CallProblem` for what people can put right.
    private func key(in reference: SecretText) async throws -> RunPodKey {
        let text: String
        do { text = try await objects.text(reference) } catch let problem as CredentialProblem {
            throw CallProblem(RunPodReason(rawValue: problem.reason) ?? .secretNotFound, problem.message)
        }
        guard let key = RunPodKey(text) else {
            throw CallProblem(
                .secretKeyInvalid,
                "Key \(reference.key) of Secret \(reference.secret.name) is empty or holds what no API key holds.")
        }
        return key
    }
}
