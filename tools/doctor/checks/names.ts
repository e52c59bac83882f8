/** CloudFormation makes no resource whose name is taken: what an earlier stack has left behind stops a deployment. */
import { type Check, couldNotCheck, type Place } from "../check.ts";
import { good, type Seen } from "../finding.ts";

interface Kind {
  readonly one: string;
  readonly many: string;
  /** The IAM action that lists them. */
  readonly lists: string;
  /** The command that takes it away, without profile and Region. */
  remove(name: string, place: Place): string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "AWS::StepFunctions::StateMachine": {
    one: "a state machine",
    many: "state machines",
    lists: "states:ListStateMachines",
    remove: (name, { account: { region }, accountId }) =>
      `stepfunctions delete-state-machine --state-machine-arn arn:aws:states:${region}:${accountId}:stateMachine:${name}`,
  },
  "AWS::Lambda::Function": {
    one: "a function",
    many: "functions",
    lists: "lambda:ListFunctions",
    remove: (name) => `lambda delete-function --function-name ${name}`,
  },
  "AWS::SQS::Queue": {
    one: "a queue",
    many: "queues",
    lists: "sqs:ListQueues",
    remove: (name, { account: { region }, accountId }) =>
      `sqs delete-queue --queue-url https://sqs.${region}.amazonaws.com/${accountId}/${name}`,
  },
  "AWS::Logs::LogGroup": {
    one: "a log group",
    many: "log groups",
    lists: "logs:DescribeLogGroups",
    remove: (name) => `logs delete-log-group --log-group-name ${name}`,
  },
  "AWS::Scheduler::Schedule": {
    one: "a schedule",
    many: "schedules",
    lists: "scheduler:ListSchedules",
    remove: (name) => `scheduler delete-schedule --name ${name}`,
  },
  "AWS::Events::EventBus": {
    one: "an event bus",
    many: "event buses",
    lists: "events:ListEventBuses",
    remove: (name) => `events delete-event-bus --name ${name}`,
  },
  "AWS::Events::Rule": {
    one: "a rule",
    many: "rules",
    lists: "events:ListRules",
    remove: (name) => `events delete-rule --name ${name}`,
  },
};

/** So many commands are shown of a kind; the others are alike. */
const SHOWN = 3;

export const names: Check = {
  title: "Names",
  needs: Object.values(KINDS).map(({ lists }) => lists),
  async look(place) {
    // A permission that is missing for one kind leaves the others looked at.
    const looked = Object.entries(KINDS).map(([type, kind]) =>
      look(type, kind, place).catch((error: unknown) => couldNotCheck(error, [kind.lists])),
    );
    const found = (await Promise.all(looked)).flatMap((seen) => seen ?? []);
    if (found.length > 0) return found;
    const { length } = place.deployment.names;
    return good(
      `The ${length} names that the template fixes are free${(await place.stack()) ? ", or the stack's own" : ""}.`,
    );
  },
};

/** Undefined if no name is taken. */
async function look(type: string, kind: Kind, place: Place): Promise<Seen | undefined> {
  const wanted = place.deployment.names.filter((one) => one.type === type).map(({ name }) => name);
  const stack = await place.stack();
  const owned = (stack?.resources ?? []).filter((one) => one.type === type).map(({ id }) => id);
  const given = new Set(await place.account.names[type]?.());
  const taken = wanted.filter((name) => given.has(name) && !owned.some((id) => isNamed(id, name)));
  if (taken.length === 0) return undefined;
  const commands = taken.slice(0, SHOWN).map((name) => `aws ${kind.remove(name, place)}${place.awsOptions}`);
  const counted = taken.length === 1 ? `${capital(kind.one)} has` : `${taken.length} ${kind.many} have`;
  return {
    verdict: "fails",
    what: `${counted} a name that the stack needs: ${taken.join(", ")}.`,
    why: "CloudFormation makes nothing whose name is taken, and rolls the deployment back. Is it left from an earlier stack?",
    mend:
      taken.length > SHOWN ? [...commands, `# … and ${taken.length - SHOWN} more in the same way`] : commands,
  };
}

/** Physical ids are names, ARNs, URLs, or a bus and a name. */
const isNamed = (id: string, name: string): boolean =>
  id === name || ["/", ":", "|"].some((before) => id.endsWith(`${before}${name}`));

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
