import kubectl from "../command/kubectl/kubectl.ts";
import type { Command } from "../command.ts";

/** Kubernetes, with its YAML. */
export const commands: readonly Command[] = [kubectl];
