/** A phone of a calling app, on the client that is generated from docs/openapi.json. `main` plays a call of two of them. */

import com.squareup.moshi.Moshi
import java.time.Instant
import java.util.UUID
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import ringmaster.apis.CallsApi
import ringmaster.apis.ClientsApi
import ringmaster.infrastructure.ClientError
import ringmaster.infrastructure.ClientException
import ringmaster.infrastructure.Serializer
import ringmaster.models.AckRingingRequest
import ringmaster.models.AnswerCallRequest
import ringmaster.models.CallEnd
import ringmaster.models.CallStatus
import ringmaster.models.Client
import ringmaster.models.DeclineCallRequest
import ringmaster.models.EndCallRequest
import ringmaster.models.InitiateCallRequest
import ringmaster.models.JoinedCall
import ringmaster.models.Media
import ringmaster.models.NotifyType
import ringmaster.models.PhoneCall
import ringmaster.models.Problem
import ringmaster.models.ProblemCode
import ringmaster.models.RegisterRequest

/** What the app shows. On Android: the full-screen notification of a foreground service, and the call's own screen. */
interface Screen {
  fun ring(callerName: String, video: Boolean)
  fun stopRinging(why: String)
}

/** `accessToken` gives a fresh one; `deviceId` is made once and kept for the life of the installation. */
class Phone(
  api: String,
  accessToken: () -> String,
  private val deviceId: String,
  private val screen: Screen,
) {
  private val http =
    OkHttpClient.Builder()
      .addInterceptor { chain ->
        chain.proceed(chain.request().newBuilder().header("authorization", "Bearer ${accessToken()}").build())
      }
      .build()
  private val clients = ClientsApi(api, http)
  private val calls = CallsApi(api, http)
  private var clientId: String? = null
  private var ringing: String? = null

  /** At each start, and whenever FCM gives a new token. */
  fun register(pushToken: String): String {
    val registration = clients.register(RegisterRequest(NotifyType.GCM, pushToken, deviceId = deviceId))
    clientId = registration.id
    return registration.id
  }

  fun own(): Client = clients.getClient(signedIn())

  /** The data of a message of FCM. On Android: FirebaseMessagingService.onMessageReceived. */
  fun onPush(data: Map<String, String>) {
    val callId = data["call_id"] ?: return
    if (data["v"] != "1" || data["receiver_id"] != clientId) return
    if (data["type"] == "incoming_call") ring(callId, data) else stop(callId, data["reason"] ?: data["type"].orEmpty())
  }

  private fun ring(callId: String, data: Map<String, String>) {
    ringing = callId
    screen.ring(data["caller_name"].orEmpty(), data["media"] == Media.video.value)
    val call = orOver(callId) { calls.ackRinging(callId, AckRingingRequest(clientId, deviceId)) } ?: return
    // Both times are the server's: the phone's own clock may be off.
    val ringLeftMs = call.ringUntilMs - call.serverNowMs
    val rings = call.status == CallStatus.calling || call.status == CallStatus.ringing
    if (ringLeftMs <= 0 || !rings) stop(callId, call.endReason?.value ?: call.status.value)
    // An app sets a timer of ringLeftMs by SystemClock.elapsedRealtime here.
  }

  /** The token joins the stage: Stage(context, token, strategy).join(). Null if it is too late. */
  fun answer(): JoinedCall? {
    val callId = ringing ?: return null
    ringing = null
    return orOver(callId) { calls.answerCall(callId, AnswerCallRequest(clientId, deviceId)) }
  }

  fun decline() {
    val callId = ringing ?: return
    ringing = null
    orOver(callId) { calls.declineCall(callId, DeclineCallRequest(clientId, deviceId)) }
  }

  /** One key for each tap: a repeat of the request is the same call. */
  fun call(calleeId: String, media: Media = Media.audio): JoinedCall =
    calls.initiateCall(InitiateCallRequest(signedIn(), calleeId, media = media, deviceId = deviceId), UUID.randomUUID().toString())

  fun read(callId: String): PhoneCall = calls.getCall(callId)

  fun hangUp(callId: String): CallEnd = calls.endCall(callId, EndCallRequest(signedIn(), deviceId))

  private fun stop(callId: String, why: String) {
    if (ringing == callId) ringing = null
    screen.stopRinging(why)
  }

  /** 410 says why it is too late: answered elsewhere, cancelled, missed. */
  private fun <Reply> orOver(callId: String, command: () -> Reply): Reply? =
    try {
      command()
    } catch (refused: ClientException) {
      val problem = problemOf(refused)
      if (problem?.code != ProblemCode.call_over) throw refused
      stop(callId, problem.endReason?.value ?: "over")
      null
    }

  private fun signedIn(): String = clientId ?: error("register first")
}

fun problemOf(refused: ClientException): Problem? =
  (refused.response as? ClientError<*>)?.body?.let { Serializer.moshi.adapter(Problem::class.java).fromJson(it.toString()) }

// The rest plays both phones against `npm start`.

val api: String = System.getenv("API") ?: "http://127.0.0.1:4000"
val aws: String = System.getenv("AWS") ?: "http://127.0.0.1:4566"
val plain = OkHttpClient()
val json = Moshi.Builder().build().adapter(Any::class.java)

@Suppress("UNCHECKED_CAST")
fun fetch(url: String, body: String? = null, target: String? = null): Any? {
  val request = Request.Builder().url(url)
  if (target != null) request.header("x-amz-target", "AWSCognitoIdentityProviderService.$target")
  if (body != null) request.post(body.toRequestBody("application/x-amz-json-1.1".toMediaType()))
  return plain.newCall(request.build()).execute().use { json.fromJson(it.body.string()) }
}

fun signIn(username: String, password: String): String {
  val config = fetch("$api/config.json") as Map<*, *>
  val asked =
    mapOf(
      "AuthFlow" to "USER_PASSWORD_AUTH",
      "ClientId" to config["userPoolClientId"],
      "AuthParameters" to mapOf("USERNAME" to username, "PASSWORD" to password),
    )
  val reply = fetch(aws, json.toJson(asked), "InitiateAuth") as Map<*, *>
  return (reply["AuthenticationResult"] as Map<*, *>)["AccessToken"] as String
}

/** What FCM would hand to the app. */
@Suppress("UNCHECKED_CAST")
fun pushTo(token: String): Map<String, String> =
  ((fetch("$api/local/push/$token?wait=10") as List<*>).last() as Map<*, *>)["data"] as Map<String, String>

class Printed(private val whose: String) : Screen {
  override fun ring(callerName: String, video: Boolean) = println("$whose phone rings: $callerName")

  override fun stopRinging(why: String) = println("$whose phone stops ringing: $why")
}

fun main() {
  val run = UUID.randomUUID().toString().take(8)
  val (aliceToken, bobToken) = signIn("alice", "Alice-calls-1") to signIn("bob", "Bob-answers-1")
  val alice = Phone(api, { aliceToken }, "alice-$run", Printed("Alice's"))
  val bob = Phone(api, { bobToken }, "bob-$run", Printed("Bob's"))
  alice.register("fcm-alice-$run")
  val bobId = bob.register("fcm-bob-$run")

  val begun = alice.call(bobId, Media.video)
  bob.onPush(pushTo("fcm-bob-$run"))
  val answered = bob.answer() ?: error("too late")
  println("both have a token: ${listOf(begun, answered).all { it.token.startsWith("eyJ") }}")

  val call = alice.read(begun.callId)
  println("${call.status} since ${Instant.ofEpochMilli(call.answeredAtMs ?: 0)}")
  println("hung up: ${alice.hangUp(begun.callId).endReason}")
  // A push that comes late: the server says that the call is over.
  bob.onPush(mapOf("v" to "1", "type" to "incoming_call", "call_id" to begun.callId, "receiver_id" to bobId))
  println("Bob's phone was last seen ${Instant.ofEpochMilli(bob.own().devices.maxOf { it.lastSeenAtMs })}")
}
