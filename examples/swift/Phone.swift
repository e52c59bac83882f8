// A phone of a calling app on iOS: PushKit wakes it, CallKit rings, REST does the rest. Not compiled here; its types and
// routes are held to docs/openapi.json by a test.

import CallKit
import Foundation
import PushKit

// MARK: What goes over the wire. Members that the app does not use are left out.

struct RegisterRequest: Codable {
    let notifyType: String
    let deviceToken: String
    let deviceId: String?
}

struct Registration: Codable {
    let id: String
    let deviceId: String
}

struct InitiateCallRequest: Codable {
    let callerId: String
    let calleeId: String?
    let media: String?
    let deviceId: String?
}

struct AckRingingRequest: Codable {
    let clientId: String?
    let deviceId: String?
}

struct AnswerCallRequest: Codable {
    let clientId: String?
    let deviceId: String?
}

struct DeclineCallRequest: Codable {
    let clientId: String?
    let deviceId: String?
}

struct EndCallRequest: Codable {
    let clientId: String
    let deviceId: String?
}

struct Call: Codable {
    let callId: String
    let status: String
    let endReason: String?
    let version: Int
    let ringUntilMs: Int64
    let serverNowMs: Int64
}

struct JoinedCall: Codable {
    let token: String
    let callId: String
    let status: String
}

struct CallEnd: Codable {
    let ended: Bool
    let endReason: String?
}

struct Client: Codable {
    let id: String
    let activeCallId: String?
}

struct Problem: Codable, Error {
    let code: String
    let detail: String
    let endReason: String?
    let retryAfterSeconds: Int?
}

// MARK: The requests

struct Api {
    let url: URL
    /// A fresh Cognito access token.
    let accessToken: () async throws -> String

    func register(_ body: RegisterRequest) async throws -> Registration {
        try await send("POST", "/clients", body)
    }

    func client(_ clientId: String) async throws -> Client {
        try await send("GET", "/clients/\(clientId)", Nothing?.none)
    }

    func call(_ body: InitiateCallRequest, tap: UUID) async throws -> JoinedCall {
        try await send("POST", "/calls", body, idempotencyKey: tap.uuidString)
    }

    func read(_ callId: String) async throws -> Call {
        try await send("GET", "/calls/\(callId)", Nothing?.none)
    }

    func ringing(_ callId: String, _ body: AckRingingRequest) async throws -> Call {
        try await send("POST", "/calls/\(callId)/ringing", body)
    }

    func answer(_ callId: String, _ body: AnswerCallRequest) async throws -> JoinedCall {
        try await send("POST", "/calls/\(callId)/answer", body)
    }

    func decline(_ callId: String, _ body: DeclineCallRequest) async throws -> Call {
        try await send("POST", "/calls/\(callId)/decline", body)
    }

    func end(_ callId: String, _ body: EndCallRequest) async throws -> CallEnd {
        try await send("POST", "/calls/\(callId)/end", body)
    }

    private struct Nothing: Encodable {}

    private func send<Body: Encodable, Reply: Decodable>(
        _ method: String, _ path: String, _ body: Body?, idempotencyKey: String? = nil
    ) async throws -> Reply {
        var request = URLRequest(url: url.appendingPathComponent(path))
        request.httpMethod = method
        request.setValue("Bearer \(try await accessToken())", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(idempotencyKey, forHTTPHeaderField: "Idempotency-Key")
        request.httpBody = try body.map { try JSONEncoder().encode($0) }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode ?? 500 < 300 else {
            throw try JSONDecoder().decode(Problem.self, from: data)
        }
        return try JSONDecoder().decode(Reply.self, from: data)
    }
}

// MARK: The phone

final class Phone: NSObject, PKPushRegistryDelegate, CXProviderDelegate {
    private let api: Api
    /// Made once, kept for the life of the installation.
    private let deviceId: String
    private let provider = CXProvider(configuration: CXProviderConfiguration())
    private let registry = PKPushRegistry(queue: .main)
    private var clientId: String?
    private var inCall: Set<UUID> = []
    /// Joins the stage: IVSStage(token: token, strategy: strategy).join()
    var join: (JoinedCall) -> Void = { _ in }
    var leave: () -> Void = {}

    init(api: Api, deviceId: String, clientId: String?) {
        self.api = api
        self.deviceId = deviceId
        self.clientId = clientId
        super.init()
        provider.setDelegate(self, queue: .main)
        registry.delegate = self
        registry.desiredPushTypes = [.voIP]
    }

    // At each start, and whenever the token changes. The ordinary token is registered as APNS in the same way.
    func pushRegistry(_ registry: PKPushRegistry, didUpdate credentials: PKPushCredentials, for type: PKPushType) {
        let token = credentials.token.map { String(format: "%02x", $0) }.joined()
        let body = RegisterRequest(notifyType: "APNS_VOIP", deviceToken: token, deviceId: deviceId)
        Task { clientId = try await api.register(body).id }
    }

    // The call is reported before anything else, whatever it is: iOS ends an app that does not.
    func pushRegistry(
        _ registry: PKPushRegistry, didReceiveIncomingPushWith payload: PKPushPayload, for type: PKPushType,
        completion: @escaping () -> Void
    ) {
        let data = payload.dictionaryPayload
        let callId = data["call_id"] as? String ?? ""
        let uuid = UUID(uuidString: callId) ?? UUID()
        let update = CXCallUpdate()
        update.remoteHandle = CXHandle(type: .generic, value: data["caller_id"] as? String ?? "")
        update.localizedCallerName = data["caller_name"] as? String
        update.hasVideo = data["media"] as? String == "video"
        provider.reportNewIncomingCall(with: uuid, update: update) { _ in completion() }
        guard data["v"] as? String == "1", data["receiver_id"] as? String == clientId else {
            return provider.reportCall(with: uuid, endedAt: nil, reason: .failed)
        }
        Task { await ring(callId, uuid) }
    }

    private func ring(_ callId: String, _ uuid: UUID) async {
        do {
            let call = try await api.ringing(callId, AckRingingRequest(clientId: clientId, deviceId: deviceId))
            // Both times are the server's: the phone's own clock may be off.
            let ringLeftMs = call.ringUntilMs - call.serverNowMs
            guard ringLeftMs > 0, ["calling", "ringing"].contains(call.status) else { return stop(uuid, call.endReason) }
            try await Task.sleep(nanoseconds: UInt64(ringLeftMs) * 1_000_000)
            let later = try await api.read(callId)
            if later.status != "answered" { stop(uuid, later.endReason) }
        } catch let problem as Problem {
            stop(uuid, problem.endReason)
        } catch {
            // No network: the 10 seconds of docs/push.md, then stop.
            try? await Task.sleep(nanoseconds: 10_000_000_000)
            stop(uuid, nil)
        }
    }

    private func stop(_ uuid: UUID, _ endReason: String?) {
        let reasons: [String: CXCallEndedReason] = [
            "answered_elsewhere": .answeredElsewhere, "cancelled": .remoteEnded, "missed": .unanswered,
        ]
        provider.reportCall(with: uuid, endedAt: nil, reason: reasons[endReason ?? ""] ?? .remoteEnded)
    }

    /// The CXStartCallAction of an outgoing call has the UUID of `callId`. One `tap` for each tap: a repeat is the same call.
    func call(_ calleeId: String, video: Bool, tap: UUID) async throws -> JoinedCall {
        guard let clientId else { throw URLError(.userAuthenticationRequired) }
        let media = video ? "video" : "audio"
        let body = InitiateCallRequest(callerId: clientId, calleeId: calleeId, media: media, deviceId: deviceId)
        let call = try await api.call(body, tap: tap)
        if let uuid = UUID(uuidString: call.callId) { inCall.insert(uuid) }
        join(call)
        return call
    }

    func provider(_ provider: CXProvider, perform action: CXAnswerCallAction) {
        // CallKit gives UUIDs in upper case; the back end takes either.
        let callId = action.callUUID.uuidString
        Task {
            do {
                join(try await api.answer(callId, AnswerCallRequest(clientId: clientId, deviceId: deviceId)))
                inCall.insert(action.callUUID)
                action.fulfill()
            } catch {
                stop(action.callUUID, (error as? Problem)?.endReason)
                action.fail()
            }
        }
    }

    func provider(_ provider: CXProvider, perform action: CXEndCallAction) {
        let callId = action.callUUID.uuidString
        leave()
        Task {
            if !inCall.contains(action.callUUID) {
                _ = try? await api.decline(callId, DeclineCallRequest(clientId: clientId, deviceId: deviceId))
            } else if let clientId {
                _ = try? await api.end(callId, EndCallRequest(clientId: clientId, deviceId: deviceId))
            }
            action.fulfill()
        }
    }

    func providerDidReset(_ provider: CXProvider) {
        leave()
    }
}
