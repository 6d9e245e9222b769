import { type Flags, type Parsed, parsePflags } from "../../lib/pflag.ts";
import { KubectlError } from "./error.ts";

export type { Flags, Parsed } from "../../lib/pflag.ts";

/** What every verb takes. */
export const GLOBAL: Flags = {
  namespace: { short: "n", value: "text" },
  context: { value: "text" },
  kubeconfig: { value: "text" },
  "request-timeout": { value: "text" },
  server: { short: "s", value: "text" },
  help: { short: "h" },
  v: { short: "v", value: "integer" },
};

export const SELECTOR: Flags = {
  selector: { short: "l", value: "text" },
  "field-selector": { value: "text" },
  "all-namespaces": { short: "A" },
};
export const FILES: Flags = {
  filename: { short: "f", value: "text" },
  recursive: { short: "R" },
};
export const OUTPUT: Flags = { output: { short: "o", value: "text" } };
export const DRY_RUN: Flags = { "dry-run": { value: "text", implied: "unchanged" } };
export const VALIDATE: Flags = { validate: { value: "text", implied: "true" } };

/** Words into options and arguments, with kubectl's words for what is wrong. */
export function parseFlags(
  words: readonly string[],
  known: Flags,
  verb: string,
  interspersed = true,
): Parsed {
  const see = `See 'kubectl ${verb} --help' for usage.`.replace("  ", " ");
  const fail = (text: string): never => {
    throw new KubectlError(`error: ${text}\n${see}`);
  };
  return parsePflags(words, known, fail, interspersed);
}

/** "1m30s" in ns. */
export function durationOf(text: string): number {
  const units: Record<string, number> = {
    ns: 1,
    us: 1e3,
    µs: 1e3,
    ms: 1e6,
    s: 1e9,
    m: 6e10,
    h: 3.6e12,
  };
  let sum = 0;
  for (const [, value = "0", unit = "s"] of text.matchAll(/(\d*\.?\d+)\.?(ns|us|µs|ms|s|m|h)/g))
    sum += Number(value) * (units[unit] ?? 0);
  return text.startsWith("-") ? -sum : sum;
}
