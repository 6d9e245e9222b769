import type {
  MatchExtension,
  NameService,
  TargetExtension,
} from "../../../net/netfilter/extension.ts";
import { XtUsageError } from "../../../net/netfilter/extension.ts";
import { ruleText } from "../../../net/netfilter/save.ts";
import { Rule, type RuleTarget } from "../../../net/netfilter/table.ts";
import type { NetNs } from "../../../net/netns.ts";
import { type DraftChain, IptcError, TableHandle } from "./handle.ts";
import { helpText } from "./help.ts";
import { chainHeader, type ListFormat, ruleLine, spokenRule } from "./list.ts";
import { CommandParser } from "./parse.ts";
import { Answer, BadArgument, type ParsedCommand, VERDICTS } from "./parsed.ts";

export const VERSION = "1.8.9";
export const FULL_VERSION = `${VERSION} (legacy)`;

/** What a run of the tool leaves on its two outputs. */
export class Output {
  out = "";
  err = "";
}

/** The program ends with this status; what it had to say is already said. */
export class Finished extends Error {
  status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** Who speaks: `iptables`, or iptables-restore at a line of its input. */
export interface Speaker {
  ns: NetNs;
  names: NameService;
  program: string;
  /** null: not reading a file. */
  line: number | null;
  output: Output;
}

function tryHelp({ output, program, line }: Speaker): void {
  if (line !== null) output.err += `Error occurred at line: ${line}\n`;
  output.err += `Try \`${program} -h' or '${program} --help' for more information.\n`;
}

/** Wrong use (libxtables: basic_exit_err). */
export function exitError(speaker: Speaker, message: string, status: number): Finished {
  const { output, program } = speaker;
  output.err += `${program} v${FULL_VERSION}: ${message}\n`;
  if (status === 2) tryHelp(speaker);
  if (status === 3) output.err += `Perhaps ${program} or your kernel needs to be upgraded.\n`;
  return new Finished(status);
}

function parseLine(speaker: Speaker, argv: readonly string[]): ParsedCommand {
  const { output } = speaker;
  const warnings: string[] = [];
  const say = (): void => {
    for (const warning of warnings) output.err += `${warning}\n`;
  };
  const parser = new CommandParser(argv, {
    ns: speaker.ns,
    names: speaker.names,
    restore: speaker.line !== null,
    warnings,
    help: helpText,
    version: FULL_VERSION,
  });
  try {
    const parsed = parser.parse();
    say();
    return parsed;
  } catch (error) {
    say();
    if (error instanceof Answer) {
      output.out += error.text;
      throw new Finished(0);
    }
    if (error instanceof BadArgument) {
      if (error.message) output.err += `${error.message}\n`;
      tryHelp(speaker);
      throw new Finished(2);
    }
    if (error instanceof XtUsageError) throw exitError(speaker, error.message, error.status);
    throw error;
  }
}

/** What -j or -g came to, now that the table's chains are known. */
function resolveTarget(speaker: Speaker, parsed: ParsedCommand, handle: TableHandle): RuleTarget {
  const { jump, goto, target } = parsed;
  if (target && !handle.isChain(jump))
    return { kind: "extension", extension: target.extension as TargetExtension, info: target.info };
  if (target) speaker.output.err += `Warning: using chain ${jump}, not extension\n`;
  if (jump === "") return { kind: "none" };
  if (VERDICTS.includes(jump) && !goto)
    return { kind: "verdict", verdict: jump as "ACCEPT" | "DROP" | "QUEUE" | "RETURN" };
  if (handle.isChain(jump)) return { kind: "jump", chain: jump, goto };
  throw goto
    ? exitError(speaker, `goto '${jump}' is not a chain`, 2)
    : exitError(speaker, `Couldn't load target \`${jump}':No such file or directory\n`, 2);
}

/** One rule for each pair of a source and a destination. */
function makeRules(parsed: ParsedCommand, target: RuleTarget): Rule[] {
  const rules: Rule[] = [];
  for (const source of parsed.sources)
    for (const destination of parsed.destinations) {
      const rule = new Rule();
      rule.src = source.address;
      rule.srcMask = source.mask;
      rule.srcInvert = parsed.sourceInvert;
      rule.dst = destination.address;
      rule.dstMask = destination.mask;
      rule.dstInvert = parsed.destinationInvert;
      rule.in = parsed.in;
      rule.out = parsed.out;
      rule.protocol = parsed.protocol;
      rule.protocolInvert = parsed.protocolInvert;
      rule.fragment = parsed.fragment;
      // Each rule has data of its own: a limit counts for one rule.
      const own = (info: unknown): unknown =>
        info !== null && typeof info === "object" ? { ...info } : info;
      rule.matches = parsed.matches.map(({ extension, info }) => ({
        extension: extension as MatchExtension,
        info: own(info),
      }));
      rule.target = target.kind === "extension" ? { ...target, info: own(target.info) } : target;
      rule.packets = parsed.packets;
      rule.bytes = parsed.bytes;
      rules.push(rule);
    }
  return rules;
}

/** Chains that a listing or zeroing is about. */
function chosen(handle: TableHandle, name: string | null): DraftChain[] {
  return name === null ? handle.chains : handle.chains.filter((chain) => chain.name === name);
}

/** Live counters of a chain's policy. */
function policyCounters(
  handle: TableHandle,
  chain: DraftChain,
): { packets: number; bytes: number } {
  const live = handle.ns.netfilter.table(handle.name).byName.get(chain.name);
  return chain.counters ?? { packets: live?.packets ?? 0, bytes: live?.bytes ?? 0 };
}

function list(speaker: Speaker, parsed: ParsedCommand, handle: TableHandle): void {
  const chains = chosen(handle, parsed.chain);
  if (chains.length === 0) throw new IptcError("list", "ENOENT");
  const format: ListFormat = {
    numeric: parsed.options.has("n"),
    verbose: parsed.options.has("v"),
    exact: parsed.options.has("x"),
    lineNumbers: parsed.options.has("0"),
    names: speaker.names,
  };
  const parts = chains.map((chain) => {
    let text = "";
    if (parsed.number === 0)
      text += chainHeader(
        { ...chain, ...policyCounters(handle, chain) },
        handle.references(chain.name),
        format,
      );
    chain.rules.forEach((rule, i) => {
      if (parsed.number === 0 || parsed.number === i + 1) text += ruleLine(rule, i + 1, format);
    });
    return text;
  });
  speaker.output.out += parts.join("\n");
}

function listRules(speaker: Speaker, parsed: ParsedCommand, handle: TableHandle): void {
  const chains = chosen(handle, parsed.chain);
  if (chains.length === 0) throw new IptcError("list", "ENOENT");
  const counters = parsed.options.has("v");
  let text = "";
  if (parsed.number === 0)
    for (const chain of chains) {
      if (chain.policy === null) text += `-N ${chain.name}`;
      else text += `-P ${chain.name} ${chain.policy}`;
      const { packets, bytes } = policyCounters(handle, chain);
      if (chain.policy !== null && counters) text += ` -c ${packets} ${bytes}`;
      text += "\n";
    }
  for (const chain of chains)
    chain.rules.forEach((rule, i) => {
      if (parsed.number === 0 || parsed.number === i + 1)
        text += `${ruleText(chain.name, rule, counters)}\n`;
    });
  speaker.output.out += text;
}

/** The same to one chain, or to all in turn: what could not be done is the last thing said. */
function eachChain(
  handle: TableHandle,
  name: string | null,
  builtin: boolean,
  act: (name: string) => void,
): void {
  if (name !== null) return act(name);
  let failed: IptcError | null = null;
  for (const chain of [...handle.chains]) {
    if (!builtin && chain.policy !== null) continue;
    try {
      act(chain.name);
    } catch (error) {
      if (!(error instanceof IptcError)) throw error;
      failed = error;
    }
  }
  if (failed) throw failed;
}

export function flushAll(
  speaker: Speaker,
  handle: TableHandle,
  name: string | null,
  verbose: boolean,
): void {
  eachChain(handle, name, true, (chain) => {
    if (verbose) speaker.output.out += `Flushing chain \`${chain}'\n`;
    handle.flush(chain);
  });
}

export function deleteAll(
  speaker: Speaker,
  handle: TableHandle,
  name: string | null,
  verbose: boolean,
): void {
  eachChain(handle, name, false, (chain) => {
    if (verbose) speaker.output.out += `Deleting chain \`${chain}'\n`;
    handle.deleteChain(chain);
  });
}

function zeroAll(
  speaker: Speaker,
  handle: TableHandle,
  name: string | null,
  verbose: boolean,
): void {
  eachChain(handle, name, true, (chain) => {
    if (verbose) speaker.output.out += `Zeroing chain \`${chain}'\n`;
    handle.zero(chain);
  });
}

function editRules(speaker: Speaker, parsed: ParsedCommand, handle: TableHandle): void {
  const chain = parsed.chain as string;
  for (const rule of makeRules(parsed, resolveTarget(speaker, parsed, handle))) {
    if (parsed.options.has("v")) speaker.output.out += spokenRule(rule, speaker.names);
    if (parsed.command === "A") handle.append(chain, rule);
    else if (parsed.command === "I") handle.insert(chain, rule, parsed.number - 1);
    else if (parsed.command === "R") handle.replace(chain, rule, parsed.number - 1);
    else if (parsed.command === "C") handle.find(chain, rule);
    else handle.delete(chain, rule);
  }
}

/**
 * Do what a command line says to a table (iptables: do_command4). `open` is the table that
 * iptables-restore is at; without it the table is opened here. Throws Finished or IptcError.
 */
export function runCommand(
  speaker: Speaker,
  argv: readonly string[],
  open: TableHandle | null,
): TableHandle | null {
  const parsed = parseLine(speaker, argv);
  if (parsed.ignored) return open;
  const handle = open ?? TableHandle.open(speaker.ns, parsed.table);
  if (!handle) {
    const reason =
      parsed.table.length >= 32
        ? "Module is wrong version"
        : "Table does not exist (do you need to insmod?)";
    throw exitError(speaker, `can't initialize iptables table \`${parsed.table}': ${reason}`, 3);
  }
  const verbose = parsed.options.has("v");
  const { chain } = parsed;
  const name = chain ?? "";
  switch (parsed.command) {
    case "A":
    case "I":
    case "R":
    case "C":
    case "D":
      editRules(speaker, parsed, handle);
      break;
    case "D#":
      handle.deleteNumber(name, parsed.number - 1);
      break;
    case "F":
      flushAll(speaker, handle, chain, verbose);
      break;
    case "X":
      deleteAll(speaker, handle, chain, verbose);
      break;
    case "Z":
      zeroAll(speaker, handle, chain, verbose);
      break;
    case "Z#":
      handle.zeroNumber(name, parsed.number);
      break;
    case "N":
      handle.create(name);
      break;
    case "E":
      handle.rename(name, parsed.newName);
      break;
    case "P":
      handle.setPolicy(
        name,
        parsed.policy,
        parsed.options.has("c") ? { packets: parsed.packets, bytes: parsed.bytes } : null,
      );
      break;
    case "L":
      list(speaker, parsed, handle);
      break;
    case "S":
      listRules(speaker, parsed, handle);
      break;
  }
  if (parsed.alsoZero === "Z") zeroAll(speaker, handle, chain, verbose);
  if (parsed.alsoZero === "Z#") handle.zeroNumber(name, parsed.number);
  return handle;
}

/** `iptables …`: the whole program but for writing; the exit status (iptables: iptables_main). */
export function iptables(speaker: Speaker, argv: readonly string[]): number {
  try {
    runCommand(speaker, argv, null)?.commit();
    return 0;
  } catch (error) {
    if (error instanceof Finished) return error.status;
    if (!(error instanceof IptcError)) throw error;
    const more = error.errno === "EINVAL" ? " Run `dmesg' for more information." : "";
    speaker.output.err += `${speaker.program}: ${error.message}.${more}\n`;
    return 1;
  }
}
