import "./node-20.ts";
import { Argument, Command, Option } from "commander";
import * as z from "zod";
import { messageOf } from "../../shared/errors.ts";
import { cleanText } from "../../shared/text/clean-text.ts";
import { fieldErrorsText } from "../../shared/text/field-errors.ts";
import { VERSION } from "../../shared/version.ts";
import { OPERATOR_TOOLS, runOperatorTool } from "./commands/operator-tool.ts";
import { type Context, contextOf } from "./context.ts";
import { CommandError, EXIT } from "./exit-codes.ts";

const program = new Command("server-tracker")
  .description("Uptime monitoring from the command line, and as code.")
  .version(VERSION)
  .option("-o, --output <format>", "table, json or yaml; data alone goes to stdout", "table")
  .option("--api <url>", "address of the deployment (SERVER_TRACKER_API)")
  .option("--token <token>", "API token (SERVER_TRACKER_TOKEN)")
  .option("--profile <name>", "of ~/.config/server-tracker/config.json", "default")
  .option("-q, --quiet", "no notes on stderr")
  .option("--no-color", "no colours (NO_COLOR, too)")
  .option("-y, --yes", "do it without asking")
  .option("--debug", "each request on stderr, without its secrets")
  .showHelpAfterError("(add --help)")
  .addHelpText(
    "after",
    `
Exit codes: ${EXIT.fine} fine, or no change; ${EXIT.error} error; ${EXIT.differs} plan --exit-code with changes, import --strict with losses;
${EXIT.down} check of what is not up, status --exit-code with something down; ${EXIT.interrupted} interrupted.`,
  );

/** Runs a command and ends the process with its code. Its module is loaded when it is called. */
function runs<Args extends unknown[]>(work: (context: Context, ...args: Args) => Promise<number>) {
  return async (...given: unknown[]) => {
    const command = given.at(-1) as Command; // commander hands it over last
    process.exitCode = await work(contextOf(command), ...(given.slice(0, -1) as Args)); // as declared beside
  };
}

program
  .command("check")
  .description("check an address from this machine: no server, no login")
  .argument(
    "<address>",
    "a URL, or ws://host, grpc://host:port, tcp://host:port, tls://host, dns://name?type=MX, ping://host, domain://name",
  )
  .option("--timeout <seconds>", "for all of it", "10")
  .option("--insecure", "take any certificate")
  .option("--contains <text>", "that the body must hold")
  .option("--status <codes>", "that mean up, such as 200,301-302")
  .action(
    runs(async (context, address: string, flags: import("./commands/check.ts").CheckFlags) =>
      (await import("./commands/check.ts")).check(context, address, flags),
    ),
  );

program
  .command("import")
  .description("read another monitor's configuration")
  .addArgument(new Argument("<source>", "what it is of").choices(["gatus", "kuma", "blackbox", "uptimerobot", "openstatus", "betterstack"]))
  .argument("<paths...>", "its files, or the folder of them")
  .option("--to <file>", "write a file for plan and apply")
  .option("--apply", "register the targets at the deployment")
  .option("--strict", `end with ${EXIT.differs} when something is lost`)
  .option("--round <seconds>", "of the deployment, whose own it is with --apply, else 30: intervals are multiples of it")
  .action(
    runs(async (context, source: string, paths: string[], flags: import("./commands/import.ts").ImportFlags) =>
      (await import("./commands/import.ts")).importCommand(context, source, paths, flags),
    ),
  );

const plans = () => import("./commands/plan.ts");
program
  .command("validate")
  .description("look at files, without a deployment")
  .argument("<files...>")
  .option("--round <seconds>", "of the deployment", "30")
  .action(runs(async (context, files: string[], flags: { round: string }) => (await plans()).validate(context, files, flags)));
program
  .command("plan")
  .description("show what apply would do")
  .argument("<files...>")
  .option("--no-delete", "keep what no file names any more")
  .option("--adopt", "make what was made by hand, and is as the files say, this project's")
  .option("--exit-code", `end with ${EXIT.differs} when something would change`)
  .action(
    runs(async (context, files: string[], flags: import("./commands/plan.ts").PlanFlags) => (await plans()).plan(context, files, flags)),
  );
program
  .command("apply")
  .description("make the deployment what files say, or do a plan that `plan -o json` wrote")
  .argument("<files...>")
  .option("--no-delete", "keep what no file names any more")
  .option("--adopt", "make what was made by hand, and is as the files say, this project's")
  .action(
    runs(async (context, files: string[], flags: import("./commands/plan.ts").PlanFlags) => (await plans()).apply(context, files, flags)),
  );
program
  .command("export")
  .description("write what there is as a file, secrets as variables")
  .option("--project <name>", "that is to own it", "default")
  .action(runs(async (context, flags: { project: string }) => (await plans()).exportCommand(context, flags)));
program
  .command("schema")
  .description("the JSON Schema of files, for editors")
  .action(runs(async () => (await plans()).schema()));

const operate = () => import("./commands/operate.ts");
program
  .command("login")
  .description("keep address and token in ~/.config/server-tracker (0600); the token comes by --token, stdin or --account")
  .option("--account", "sign in with your account, in a browser: at the issuer that the page signs in at")
  .action(
    runs(async (context, flags: { account?: boolean }) => (await import("./commands/login.ts")).login(context, program.opts(), flags)),
  );
program
  .command("status")
  .description("counts, and what is not up")
  .option("--exit-code", `end with ${EXIT.down} when something is down`)
  .action(runs(async (context, flags: { exitCode?: boolean }) => (await operate()).status(context, flags)));

const targets = program.command("targets").description("list, get, set, pause, resume, delete, check; by name or id");
targets
  .command("list")
  .option("--status <status>")
  .option("--tag <tag>")
  .option("--group <group>")
  .option("--name <part>")
  .action(runs(async (context, flags: Record<string, string>) => (await operate()).listTargets(context, flags)));
targets
  .command("get")
  .argument("<target>")
  .action(runs(async (context, target: string) => (await operate()).getTarget(context, target)));
targets
  .command("set")
  .description("change fields: intervalSeconds=60 tags='[\"a\"]' latencyLimitMs= (removes it)")
  .argument("<target>")
  .argument("<assignments...>")
  .action(runs(async (context, target: string, assignments: string[]) => (await operate()).setTarget(context, target, assignments)));
targets
  .command("pause")
  .argument("<target>")
  .action(runs(async (context, target: string) => (await operate()).change(context, target, { paused: true })));
targets
  .command("resume")
  .argument("<target>")
  .action(runs(async (context, target: string) => (await operate()).change(context, target, { paused: false })));
targets
  .command("delete")
  .argument("<target>")
  .action(runs(async (context, target: string) => (await operate()).deleteTarget(context, target)));
targets
  .command("check")
  .description("have the deployment check it now")
  .argument("<target>")
  .action(runs(async (context, target: string) => (await operate()).checkTarget(context, target)));

program
  .command("checks")
  .description("the last checks of a target")
  .argument("<target>")
  .option("--limit <count>", "1 to 500", "20")
  .action(runs(async (context, target: string, flags: { limit: string }) => (await operate()).listChecks(context, target, flags)));
const incidents = program.command("incidents").description("list, show, ack, comment: when targets were down, and who takes care of it");
incidents
  .command("list", { isDefault: true })
  .description("of the last 30 days, open ones first")
  .option("--open", "only those that last")
  .action(runs(async (context, flags: { open?: boolean }) => (await operate()).listIncidents(context, flags)));
incidents
  .command("show")
  .description("its timeline, and what was around it")
  .argument("<id>")
  .action(runs(async (context, id: string) => (await operate()).showIncident(context, id)));
incidents
  .command("ack")
  .description("take care of it: no reminders, no escalation")
  .argument("<id>")
  .option("--note <text>")
  .option("--until <moment>", "such as 2026-11-27T18:00:00Z")
  .action(
    runs(async (context, id: string, flags: { note?: string; until?: string }) =>
      (await operate()).acknowledgeIncident(context, id, flags),
    ),
  );
incidents
  .command("comment")
  .argument("<id>")
  .argument("<text>")
  .action(runs(async (context, id: string, text: string) => (await operate()).commentIncident(context, id, text)));
const channels = program.command("channels").description("list, test: where alerts go, and whether they arrive");
channels.command("list", { isDefault: true }).action(runs(async (context) => (await operate()).listChannels(context)));
channels
  .command("test")
  .description("send a message that says it is a test")
  .argument("<id>")
  .action(runs(async (context, id: string) => (await operate()).testChannel(context, id)));
const maintenance = program.command("maintenance").description("times in which nothing is told: list, start, end");
maintenance.command("list").action(runs(async (context) => (await operate()).listMaintenance(context)));
maintenance
  .command("start")
  .description("from now on, around a deploy: prints the id that ends it")
  .argument("<name>")
  .option("--minutes <count>", "it lasts at most", "60")
  .option("--tag <tags...>")
  .option("--group <groups...>")
  .option("--target <targets...>", "by name or id")
  .option("--all", "of everything")
  .action(
    runs(async (context, name: string, flags: import("./commands/operate.ts").MaintenanceFlags) =>
      (await operate()).startMaintenance(context, name, flags),
    ),
  );
maintenance
  .command("end")
  .argument("<id>")
  .action(runs(async (context, id: string) => (await operate()).endMaintenance(context, id)));
program
  .command("tail")
  .description("follow changes of status")
  .action(runs(async (context) => (await operate()).tail(context)));
program
  .command("push")
  .description("tell a heartbeat that a job ran; with a command, run it and tell how it went")
  .argument("<key>", "of the heartbeat, or its whole address")
  .argument("[command...]", "after --")
  .action(runs(async (context, key: string, command: string[]) => (await import("./commands/push.ts")).push(context, key, command)));
program
  .command("badge")
  .description("where the badge of a status page, or of a target on it, is: the line for a README")
  .argument("<page>", "its slug")
  .argument("[target]", "by name or id; the whole page when left out")
  .addOption(new Option("--shows <what>", "of a target").choices(["status", "uptime", "latency"]).default("status"))
  .action(
    runs(async (context, page: string, target: string | undefined, flags: import("./commands/badge.ts").BadgeFlags) =>
      (await import("./commands/badge.ts")).badge(context, page, target, flags),
    ),
  );
const tokens = program.command("tokens").description("list, create, revoke: API tokens, by an admin");
const access = () => import("./commands/tokens.ts");
tokens.command("list").action(runs(async (context) => (await access()).listTokens(context)));
tokens
  .command("create")
  .description("prints the secret alone: it is shown only now")
  .argument("<name>")
  .requiredOption("--role <role>", "viewer, editor or admin")
  .option("--days <count>", "it lasts; without, until it is revoked")
  .action(
    runs(async (context, name: string, flags: { role: string; days?: string }) => (await access()).createToken(context, name, flags)),
  );
tokens
  .command("revoke")
  .argument("<id>")
  .action(runs(async (context, id: string) => (await access()).revokeToken(context, id)));
program
  .command("open")
  .description("open the page in a browser")
  .action(runs(async (context) => (await operate()).open(context)));
program
  .command("completion")
  .description("a script that completes commands: bash, zsh or fish")
  .argument("<shell>")
  .action(runs(async (_context, shell: string) => (await import("./commands/completion.ts")).completion(program, shell)));

for (const [name, { description }] of Object.entries(OPERATOR_TOOLS)) {
  program
    .command(name)
    .description(`${description} (in a checkout)`)
    .argument("[args...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(runs(async (_context, args: string[]) => runOperatorTool(name as keyof typeof OPERATOR_TOOLS, args))); // a key of it
}

process.once("SIGINT", () => process.exit(EXIT.interrupted));
// Whoever reads only the first lines has what they want; what was begun is done all the same, but for what has no end.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exit(EXIT.error);
    if (program.args[0] === "tail") process.exit(EXIT.fine);
  });

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof z.ZodError ? fieldErrorsText(error) : messageOf(error);
  const lines = text.split("\n").map((line) => cleanText(line, 1_000));
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.error;
});
