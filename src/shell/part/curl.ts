import { curl } from "../command/curl/curl.ts";
import type { Command } from "../command.ts";

/** HTTP, with TLS. */
export const commands: readonly Command[] = [curl];
