import type { Run } from "../../../host/process.ts";
import type { Flags } from "../../lib/pflag.ts";
import type { Istioctl } from "./context.ts";

/** A command of istioctl's. */
export interface Subcommand {
  name: string;
  aliases: readonly string[];
  /** One line, as istioctl's own list has it. */
  summary: string;
  /** For `--help`, and where it stands without what it needs. */
  help: string;
  /** Beside those that every command takes. */
  flags: Flags;
  /** False: the preview's istioctl of 2022 had none such. */
  preview?: boolean;
  /** Whether it can do something where there is no cluster. */
  offline?: boolean;
  /** What it prints at its end. */
  run(ctx: Istioctl): Run<string>;
  /** What the next word may be, after `words` of its own; null: names of pods. */
  complete?(words: readonly string[]): readonly string[] | null;
}

/** What every command takes (istioctl: pkg/cli/option.go). */
export const GLOBAL: Flags = {
  namespace: { short: "n", value: "text" },
  istioNamespace: { short: "i", value: "text" },
  kubeconfig: { short: "c", value: "text" },
  context: { value: "text" },
  "kube-timeout": { value: "text" },
  help: { short: "h" },
};

/** What many take. */
export const OUTPUT: Flags = { output: { short: "o", value: "text" } };
export const FILE: Flags = { file: { short: "f", value: "text" } };
export const ADMIN: Flags = { "proxy-admin-port": { value: "integer" } };
/** istioctl: pkg/clioptions. */
export const REVISION: Flags = { revision: { short: "r", value: "text" } };
