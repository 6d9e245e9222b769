import { IstioctlError } from "./context.ts";

/** Flags with a value, by all their spellings; others that are known have none. */
const VALUED: Readonly<Record<string, string>> = {
  "-n": "namespace",
  "--namespace": "namespace",
  "-i": "istio-namespace",
  "--istioNamespace": "istio-namespace",
  "-o": "output",
  "--output": "output",
  "-f": "file",
  "--file": "file",
  "--node": "node",
  "--address": "address",
  "--workload-namespace": "workload-namespace",
  "--workload-node": "workload-node",
  "--service-namespace": "service-namespace",
  "--policy-namespace": "policy-namespace",
  "--direction": "direction",
  "--level": "level",
  "--proxy-admin-port": "proxy-admin-port",
};
const FLAGS: Readonly<Record<string, string>> = {
  "--raw": "raw",
  "--reset": "reset",
  "-r": "reset",
  "--with-headers": "with-headers",
  "-A": "all-namespaces",
  "--all-namespaces": "all-namespaces",
  "-k": "use-kube",
  "--use-kube": "use-kube",
  "-L": "list-analyzers",
  "--list-analyzers": "list-analyzers",
  "--remote": "remote",
  "--short": "short",
  "-s": "short",
  "-h": "help",
  "--help": "help",
};

/** Words and flags of a command line. Throws IstioctlError in cobra's words. */
export function parseOptions(argv: readonly string[]): {
  options: Map<string, string>;
  args: string[];
} {
  const options = new Map<string, string>();
  const args: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      continue;
    }
    const [name = "", inline] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const valued = VALUED[name];
    if (valued) {
      const value = inline ?? argv[++i];
      if (value === undefined) throw new IstioctlError(`flag needs an argument: ${shown(name)}`);
      options.set(valued, value);
    } else if (FLAGS[name]) options.set(FLAGS[name] as string, inline ?? "true");
    else if (word.startsWith("--")) throw new IstioctlError(`unknown flag: ${name}`);
    else throw new IstioctlError(`unknown shorthand flag: '${word[1]}' in ${word}`);
  }
  return { options, args };
}

function shown(name: string): string {
  return name.startsWith("--") ? name : `'${name[1]}' in ${name}`;
}
