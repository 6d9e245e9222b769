import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, fromUtf8 } from "../../../base/text.ts";
import type { Process, Run } from "../../../host/process.ts";
import {
  type Certificate,
  certificatesFromPem,
  certificateToPem,
} from "../../../tls/x509/certificate.ts";
import { nameText } from "../../../tls/x509/name.ts";
import { toPem } from "../../../tls/x509/pem.ts";
import { certificateText, extensionsText, timeText } from "../../../tls/x509/text.ts";
import type { Bytes } from "../../../wire/bytes.ts";
import { OpensslError, readText } from "./support.ts";

const HELP = "x509: Use -help for summary.\n";
const WHAT = [
  "-text",
  "-subject",
  "-issuer",
  "-dates",
  "-startdate",
  "-enddate",
  "-serial",
  "-fingerprint",
  "-pubkey",
  "-ext",
  "-checkend",
];

function hex(bytes: Bytes, between = ""): string {
  return Array.from(bytes, (b) => b.toString(16).toUpperCase().padStart(2, "0")).join(between);
}

function* readAll(p: Process): Run<string> {
  const parts: Uint8Array[] = [];
  const input = p.fds[0];
  while (input) {
    const data = input.read(65536);
    if (data === "EOF") break;
    if (data === "EAGAIN") yield* p.wait([input.readable]);
    else parts.push(data.slice());
  }
  return fromUtf8(concatBytes(parts));
}

function print(certificate: Certificate, what: string, value: string, now: number): string {
  switch (what) {
    case "-text":
      return certificateText(certificate);
    case "-subject":
      return `subject=${nameText(certificate.subject)}\n`;
    case "-issuer":
      return `issuer=${nameText(certificate.issuer)}\n`;
    case "-dates":
      return `notBefore=${timeText(certificate.notBefore)}\nnotAfter=${timeText(certificate.notAfter)}\n`;
    case "-startdate":
      return `notBefore=${timeText(certificate.notBefore)}\n`;
    case "-enddate":
      return `notAfter=${timeText(certificate.notAfter)}\n`;
    case "-serial":
      return `serial=${hex(certificate.serial)}\n`;
    case "-fingerprint": {
      const [name, hash] = value === "sha256" ? ["sha256", sha256] : ["SHA1", sha1];
      return `${name} Fingerprint=${hex((hash as typeof sha1)(certificate.der), ":")}\n`;
    }
    case "-pubkey":
      return toPem("PUBLIC KEY", certificate.spki);
    case "-ext":
      return (
        extensionsText(certificate.extensions, value.split(",")) || "No extensions in certificate\n"
      );
    default:
      return certificate.notAfter < now + Number(value) * 1000
        ? "Certificate will expire\n"
        : "Certificate will not expire\n";
  }
}

/** `openssl x509` (openssl: apps/x509.c), as far as it reads certificates. */
export function* x509(p: Process, args: readonly string[]): Run {
  let file = "";
  let isQuiet = false;
  let digest = "sha1";
  const wanted: [string, string][] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = (args[i] as string).replace(/^--/, "-");
    const value = (): string => {
      const next = args[++i];
      if (next === undefined) throw new OpensslError(`x509: Option ${arg} needs a value\n${HELP}`);
      return next;
    };
    if (arg === "-in") file = value();
    else if (arg === "-inform" || arg === "-outform") value();
    else if (arg === "-noout") isQuiet = true;
    else if (arg === "-sha1" || arg === "-sha256") digest = arg.slice(1);
    else if (arg === "-ext" || arg === "-checkend") wanted.push([arg, value()]);
    else if (WHAT.includes(arg)) wanted.push([arg, ""]);
    else if (arg.startsWith("-"))
      throw new OpensslError(`x509: Unknown option or message digest: ${arg.slice(1)}\n${HELP}`);
    else throw new OpensslError(`x509: Extra option: "${arg}"\n${HELP}`);
  }
  const text = file ? readText(p, file, "certificate") : yield* readAll(p);
  const [certificate] = certificatesFromPem(text);
  if (!certificate)
    throw new OpensslError(
      `Could not read certificate from ${file || "<stdin>"}\nUnable to load certificate\n`,
    );
  const now = p.sim.epoch + Math.floor(p.sim.now / 1e6);
  let status = 0;
  for (const [what, value] of wanted) {
    const out = print(certificate, what, what === "-fingerprint" ? digest : value, now);
    if (out === "Certificate will expire\n") status = 1;
    yield* p.out(out);
  }
  if (!isQuiet) yield* p.out(certificateToPem(certificate));
  return status;
}
