import type { Process, Run } from "../../../host/process.ts";
import type { Command } from "../../command.ts";
import { sClient } from "./s-client.ts";
import { OpensslError } from "./support.ts";
import { x509 } from "./x509.ts";

const COMMANDS = ["s_client", "version", "x509"] as const;

function* run(p: Process, argv: string[]): Run {
  const [, command = "", ...args] = argv;
  try {
    if (command === "s_client") return yield* sClient(p, args);
    if (command === "x509") return yield* x509(p, args);
    if (command === "version") {
      yield* p.out("OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n");
      return 0;
    }
    throw new OpensslError(
      command
        ? `Invalid command '${command}'; type "help" for a list.\n`
        : `help:\n\nCommands here: ${COMMANDS.join(", ")}\n`,
    );
  } catch (error) {
    if (!(error instanceof OpensslError)) throw error;
    yield* p.err(error.message);
    return 1;
  }
}

export const openssl: Command = {
  name: "openssl",
  summary: "OpenSSL's command line",
  group: "network",
  man: `openssl s_client -connect HOST:PORT [-alpn PROTOCOLS] [-servername NAME] [-showcerts]
                 [-CAfile FILE] [-cert FILE [-key FILE]] [-brief] [-quiet]
openssl x509 [-in FILE] [-noout] [-text] [-subject] [-issuer] [-dates] [-serial]
             [-fingerprint [-sha256]] [-ext NAMES] [-checkend SECONDS] [-pubkey]

Speak TLS 1.3 with a server and show what it proves itself with; print what a certificate says.

Example: openssl s_client -connect 10.4.3.20:15008 < /dev/null | openssl x509 -noout -text`,
  run,
  complete: (_p, words) => (words.length <= 2 ? [...COMMANDS] : []),
};
