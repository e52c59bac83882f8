/** One call by hand: a text to paste into a shell. It needs curl, sed and sh, and keeps tokens in variables. */
import { PEOPLE } from "./people.ts";

export interface Addresses {
  readonly app: string;
  readonly aws: string;
  readonly userPoolClientId: string;
  readonly callWorkflowArn: string;
}

export function walkThrough({ app, aws, userPoolClientId, callWorkflowArn }: Addresses): string {
  const [alice, bob] = PEOPLE;
  const executions = callWorkflowArn.replace(":stateMachine:", ":execution:");
  return `API=${app} AWS=${aws}
on_aws() { curl -s $AWS/ -H "content-type: application/x-amz-json-1.1" -H "x-amz-target: $1" -d "$2"; }
api() { curl -s $API/ -H "authorization: Bearer $1" -H "content-type: application/json" -d "$2"; }
stage() { curl -s "$API/local/stage/$1" -d "{\\"token\\":\\"$2\\"}"; }
field() { sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }
sign_in() { on_aws AWSCognitoIdentityProviderService.InitiateAuth "{\\"AuthFlow\\":\\"USER_PASSWORD_AUTH\\",\\"ClientId\\":\\"${userPoolClientId}\\",\\"AuthParameters\\":{\\"USERNAME\\":\\"$1\\",\\"PASSWORD\\":\\"$2\\"}}" | field AccessToken; }

# Alice and Bob sign in, and their phones register for push.
ALICE=$(sign_in ${alice.username} ${alice.password})
BOB=$(sign_in ${bob.username} ${bob.password})
ALICE_ID=$(api "$ALICE" '{"action":"register","notifyType":"GCM","deviceToken":"alices-phone","deviceId":"alices-phone"}' | field id)
BOB_ID=$(api "$BOB" '{"action":"register","notifyType":"GCM","deviceToken":"bobs-phone","deviceId":"bobs-phone"}' | field id)

# Alice calls Bob. The reply holds her participant token, with which her phone joins the stage.
CALL=$(api "$ALICE" "{\\"action\\":\\"initiateCall\\",\\"callerId\\":\\"$ALICE_ID\\",\\"calleeId\\":\\"$BOB_ID\\",\\"deviceId\\":\\"alices-phone\\"}")
ALICE_TOKEN=$(echo "$CALL" | field token) CALL_ID=$(echo "$CALL" | field callId)
stage join "$ALICE_TOKEN"

# Bob's phone gets a push and reports that it rings. He answers: his token opens the same stage.
curl -s "$API/local/push/bobs-phone?wait=10"; echo
api "$BOB" "{\\"action\\":\\"ackRinging\\",\\"callId\\":\\"$CALL_ID\\",\\"deviceId\\":\\"bobs-phone\\"}"; echo
BOB_TOKEN=$(api "$BOB" "{\\"action\\":\\"answerCall\\",\\"callId\\":\\"$CALL_ID\\",\\"deviceId\\":\\"bobs-phone\\"}" | field token)

stage join "$BOB_TOKEN"

# They talk. Without phones on its stage, the call would end after a minute. Alice hangs up, and both leave.
api "$ALICE" "{\\"action\\":\\"endCall\\",\\"clientId\\":\\"$ALICE_ID\\",\\"callId\\":\\"$CALL_ID\\"}"; echo
stage leave "$ALICE_TOKEN"; stage leave "$BOB_TOKEN"
curl -s "$API/local/calls/$CALL_ID?wait=10"; echo

# The call was one Step Functions execution. These were its states:
on_aws AWSStepFunctions.GetExecutionHistory "{\\"executionArn\\":\\"${executions}:$CALL_ID\\"}" | sed 's/"name":"/\\n/g' | sed -n 's/^\\([A-Z][^"]*\\)","output.*/\\1/p'
`;
}
