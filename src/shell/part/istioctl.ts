import istioctl from "../command/istioctl/istioctl.ts";
import type { Command } from "../command.ts";

/** Istio. */
export const commands: readonly Command[] = [istioctl];
