import type { Process, Run } from "../../../host/process.ts";
import { MATCHES, TARGETS } from "../../../net/netfilter/registry.ts";
import type { Command } from "../../command.ts";
import { whenThere } from "../../registry.ts";
import { BASE_OPTIONS } from "./command-line.ts";
import { MachineNames } from "./names.ts";
import { VERDICTS } from "./parsed.ts";
import { iptables, Output, type Speaker } from "./run.ts";

export function speakerOf(p: Process, program: string): Speaker {
  return {
    ns: p.netns,
    names: new MachineNames(p),
    program,
    line: null,
    output: new Output(),
  };
}

/** Write what was said, standard error after standard output. */
export function* speak(p: Process, output: Output): Run<void> {
  if (output.out) yield* p.out(output.out);
  if (output.err) yield* p.err(output.err);
}

function complete(p: Process, words: string[]): string[] {
  const before = words[words.length - 2] ?? "";
  const table = words[words.indexOf("-t") + 1];
  const tables = [...p.netns.netfilter.tables.values()];
  const chains = tables
    .filter(({ name }) => !words.includes("-t") || name === table)
    .flatMap((one) => one.chains.map((chain) => chain.name));
  if (before === "-t") return ["filter", "mangle", "nat", "raw", "security"];
  if (before === "-m") return MATCHES.names();
  if (before === "-j") return [...VERDICTS, ...TARGETS.names(), ...chains];
  if (/^-[ACDRILSFZXEPg]$/.test(before)) return chains;
  if (before === "-i" || before === "-o") return [...p.netns.byName.keys()];
  return BASE_OPTIONS.map(({ name }) => `--${name}`);
}

const command: Command = {
  name: "iptables",
  aliases: ["iptables-legacy"],
  sbin: true,
  group: "network",
  summary: "administration tool for IPv4 packet filtering and NAT",
  man: "iptables -t TABLE -A CHAIN -p tcp --dport 80 -j ACCEPT\niptables -t TABLE -vnL [CHAIN]\n\nTables: filter nat mangle raw security. `iptables -h` tells all options.\n",
  *run(p, argv) {
    // Nothing has been done when an extension is found to be absent: the line is read again.
    const { status, output } = yield* whenThere(() => {
      const speaker = speakerOf(p, "iptables");
      return { status: iptables(speaker, argv), output: speaker.output };
    });
    yield* speak(p, output);
    return status;
  },
  complete,
};
export default command;
