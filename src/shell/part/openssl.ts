import { openssl } from "../command/openssl/openssl.ts";
import type { Command } from "../command.ts";

/** TLS and certificates. */
export const commands: readonly Command[] = [openssl];
