import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { type TLSSocket, connect as tlsConnect, createServer as tlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { Rng } from "../../src/base/rng.ts";
import { TlsClient } from "../../src/tls/client.ts";
import type { ClientConfig, Identity, ServerConfig } from "../../src/tls/config.ts";
import type { GroupName } from "../../src/tls/group.ts";
import { TlsServer } from "../../src/tls/server.ts";
import { SUITES, type SuiteName } from "../../src/tls/suite.ts";
import { certificatesFromPem, certificateToPem, uriNames } from "../../src/tls/x509/certificate.ts";
import {
  generateKey,
  type KeyType,
  privateKeyFromPem,
  privateKeyToPem,
} from "../../src/tls/x509/key.ts";
import { makeName } from "../../src/tls/x509/name.ts";
import {
  makeRequest,
  requestFromPem,
  requestToPem,
  verifyRequest,
} from "../../src/tls/x509/request.ts";
import { certificateText, requestText } from "../../src/tls/x509/text.ts";
import { PAGE, Pki, SLEEP } from "../tls/kit.ts";
import { conversation } from "./conversation.ts";
import { dialTo, Listening } from "./drive.ts";
import { folder, has, Running } from "./tools.ts";

const openssl = has("openssl");
const CURVES: Record<GroupName, string> = { x25519: "X25519", secp256r1: "P-256" };
const suites = Object.keys(SUITES) as SuiteName[];
const groups = Object.keys(CURVES) as GroupName[];

function pem(identity: Identity): { cert: string; key: string } {
  return {
    cert: identity.chain.map(certificateToPem).join(""),
    key: privateKeyToPem(identity.key),
  };
}

/** Certificates that are valid now, for both sides, as files for who wants files. */
class Scene {
  pki: Pki;
  page: Identity;
  sleep: Identity;
  files: Record<string, string>;
  random = new Rng(11, "strangers");

  constructor(type: KeyType) {
    this.pki = new Pki(type, 5, Date.now());
    this.page = this.pki.leaf(PAGE, {
      alternativeNames: [
        { kind: "uri", value: PAGE },
        { kind: "dns", value: "localhost" },
      ],
    });
    this.sleep = this.pki.leaf(SLEEP);
    this.files = folder({
      root: certificateToPem(this.pki.root.certificate),
      cert: pem(this.page).cert,
      key: pem(this.page).key,
      clientCert: pem(this.sleep).cert,
      clientKey: pem(this.sleep).key,
    });
  }

  file(name: string): string {
    return this.files[name] ?? "";
  }

  client(more: Partial<ClientConfig> = {}): TlsClient {
    return new TlsClient({
      random: this.random,
      now: this.pki.now,
      anchors: this.pki.anchors,
      identity: this.sleep,
      expected: { spiffeIds: [PAGE] },
      alpn: ["h2"],
      ...more,
    });
  }

  server(more: Partial<ServerConfig> = {}): TlsServer {
    return new TlsServer({
      random: this.random,
      now: this.pki.now,
      anchors: this.pki.anchors,
      identity: this.page,
      expected: { trustDomain: "cluster.local" },
      clientCertificate: "require",
      alpn: ["h2"],
      ...more,
    });
  }

  /** `openssl s_server` that says each line backwards. */
  async sServer(...args: string[]): Promise<{ running: Running; port: number }> {
    const running = start("openssl", [
      ...["s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-rev", "-alpn", "h2"],
      ...["-cert", this.file("cert"), "-cert_chain", this.file("cert"), "-key", this.file("key")],
      ...["-CAfile", this.file("root"), "-Verify", "3", "-verify_return_error"],
      ...args,
    ]);
    const [, port] = await running.until(/ACCEPT 127\.0\.0\.1:(\d+)/);
    return { running, port: Number(port) };
  }

  /** `openssl s_server` that prints what comes and sends what it is given. */
  async plainServer(...args: string[]): Promise<{ running: Running; port: number }> {
    const running = start("openssl", [
      ...["s_server", "-accept", "127.0.0.1:0", "-tls1_3"],
      ...["-cert", this.file("cert"), "-cert_chain", this.file("cert"), "-key", this.file("key")],
      ...args,
    ]);
    const [, port] = await running.until(/ACCEPT 127\.0\.0\.1:(\d+)/);
    return { running, port: Number(port) };
  }

  sClient(port: number, ...args: string[]): Running {
    return start("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", "h2", "-quiet", "-verify_quiet"],
      ...["-cert", this.file("clientCert"), "-cert_chain", this.file("clientCert")],
      ...["-key", this.file("clientKey"), "-CAfile", this.file("root"), "-verify_return_error"],
      // -quiet alone would go on after the end of the input.
      "-no_ign_eof",
      ...args,
    ]);
  }
}

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

function start(command: string, args: string[]): Running {
  const running = new Running(command, args);
  endings.push(() => running.end());
  return running;
}

async function listening(
  make: () => TlsServer,
): Promise<{ ours: Listening<TlsServer>; port: number }> {
  const ours = new Listening(make);
  endings.push(() => ours.close());
  return { ours, port: await ours.listen() };
}

const scenes: Record<KeyType, Scene> = { p256: new Scene("p256"), ed25519: new Scene("ed25519") };

describe.skipIf(!openssl)("our client and OpenSSL's server", () => {
  for (const type of ["p256", "ed25519"] as const)
    for (const suite of suites)
      for (const group of groups)
        it(`speak ${suite} over ${group}, both with ${type} certificates`, async () => {
          const scene = scenes[type];
          const { port } = await scene.sServer("-ciphersuites", suite, "-groups", CURVES[group]);
          const ours = await dialTo(port, scene.client({ groups: [group] }));
          ours.send("wonderful\n");
          await ours.until(() => ours.bytes.toString() === "lufrednow\n");
          const { tls } = ours;
          expect([tls.cipherSuite, tls.group, tls.alpn]).toEqual([suite, group, "h2"]);
          expect(uriNames(tls.peerCertificates[0]!)).toEqual([PAGE]);
          ours.close();
        });

  it("agree after a HelloRetryRequest for another group", async () => {
    const scene = scenes.p256;
    const { port } = await scene.sServer("-groups", "P-256");
    const ours = await dialTo(port, scene.client());
    ours.send("retry\n");
    await ours.until(() => ours.bytes.toString() === "yrter\n");
    expect([ours.tls.retried, ours.tls.group]).toEqual([true, "secp256r1"]);
    ours.close();
  });

  it("agree after a HelloRetryRequest with a cookie", async () => {
    const scene = scenes.p256;
    const server = await scene.plainServer("-stateless");
    // What it forgets between the hellos is in the cookie. A change_cipher_spec confuses it.
    const tls = scene.client({ alpn: [], compatibility: false });
    const ours = await dialTo(server.port, tls);
    ours.send("with a cookie\n");
    await server.running.until(/with a cookie/);
    expect([tls.retried, tls.cookie !== null]).toEqual([true, true]);
    ours.close();
  });

  it("change keys when either wants to", async () => {
    const scene = scenes.p256;
    const { running: server, port } = await scene.plainServer();
    const ours = await dialTo(port, scene.client({ alpn: [] }));
    await ours.until(() => ours.tls.state === "open");
    ours.tls.updateKeys(true);
    ours.send("after our key update\n");
    await server.until(/after our key update/);
    const before = String(ours.tls.writeKeys?.key);
    // "K": update the keys of both directions.
    server.child.stdin?.write("K\n");
    await ours.until(() => String(ours.tls.writeKeys?.key) !== before);
    server.child.stdin?.write("after theirs\n");
    await ours.until(() => ours.bytes.toString() === "after theirs\n");
    ours.send("and back\n");
    await server.until(/and back/);
    expect(ours.tls.state).toBe("open");
    ours.close();
  });

  it("hear why a client without a certificate is refused", async () => {
    const scene = scenes.p256;
    const { port } = await scene.sServer();
    const ours = await dialTo(port, scene.client({ identity: null }));
    await ours.until(() => ours.tls.alertReceived !== null);
    expect(ours.tls.alertReceived).toBe("certificate_required");
  });

  it("part when the server's root is unknown, and OpenSSL names our alert", async () => {
    const scene = scenes.p256;
    const { running, port } = await scene.sServer();
    const ours = await dialTo(port, scene.client({ anchors: new Pki("p256", 99).anchors }));
    await running.until(/alert unknown ca/);
    expect([ours.tls.state, ours.tls.alertSent]).toEqual(["failed", "unknown_ca"]);
  });

  it("part when no protocol of ALPN is common", async () => {
    const scene = scenes.p256;
    const { port } = await scene.sServer();
    const ours = await dialTo(port, scene.client({ alpn: ["http/1.1"] }));
    await ours.until(() => ours.tls.state === "failed");
    expect(ours.tls.alertReceived).toBe("no_application_protocol");
  });
});

describe.skipIf(!openssl)("OpenSSL's client and our server", () => {
  for (const type of ["p256", "ed25519"] as const)
    for (const suite of suites)
      for (const group of groups)
        it(`speak ${suite} over ${group}, both with ${type} certificates`, async () => {
          const scene = scenes[type];
          const { ours, port } = await listening(() => scene.server());
          const client = scene.sClient(port, "-ciphersuites", suite, "-groups", CURVES[group]);
          const accepted = await ours.connection();
          await accepted.until(() => accepted.tls.state === "open");
          client.child.stdin?.write("hello\n");
          await accepted.until(() => accepted.bytes.toString() === "hello\n");
          accepted.send("to you\n");
          await client.until(/to you/);
          const { tls } = accepted;
          expect([tls.cipherSuite, tls.group, tls.alpn]).toEqual([suite, group, "h2"]);
          expect(uriNames(tls.peerCertificates[0]!)).toEqual([SLEEP]);
          client.child.stdin?.end();
          await accepted.until(() => tls.peerClosed || accepted.over);
        });

  it("agree after a HelloRetryRequest with a cookie", async () => {
    const scene = scenes.p256;
    const make = () => scene.server({ groups: ["secp256r1"], retryCookie: true });
    const { ours, port } = await listening(make);
    const client = scene.sClient(port, "-groups", "X25519:P-256");
    const accepted = await ours.connection();
    await accepted.until(() => accepted.tls.state === "open");
    expect([accepted.tls.group, accepted.tls.cookie?.length]).toEqual(["secp256r1", 32]);
    accepted.send("again\n");
    await client.until(/again/);
  });

  it("carry a large file in padded and fragmented records", async () => {
    const scene = scenes.p256;
    const { ours, port } = await listening(() => scene.server({ maxFragment: 700, padding: 256 }));
    const client = scene.sClient(port);
    const accepted = await ours.connection();
    const line = `${"x".repeat(999)}\n`;
    accepted.send(line.repeat(100));
    await client.untilText((text) => text.includes(line.repeat(100)));
  });

  for (const [what, args, alert, theirs] of [
    ["has no certificate", [], "certificate_required", /alert certificate required/],
    ["speaks only TLS 1.2", ["-tls1_2"], "protocol_version", /alert protocol version/],
    [
      "wants another protocol",
      ["-alpn", "http/1.1"],
      "no_application_protocol",
      /alert no application protocol/,
    ],
    [
      "knows only other groups",
      ["-groups", "P-384"],
      "handshake_failure",
      /alert handshake failure/,
    ],
  ] as const)
    it(`part when the client ${what}, and OpenSSL names our alert`, async () => {
      const scene = scenes.p256;
      const { ours, port } = await listening(() => scene.server());
      const client = start("openssl", [
        ...["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", scene.file("root")],
        ...args,
      ]);
      const accepted = await ours.connection();
      await accepted.until(() => accepted.tls.state === "failed");
      expect(accepted.tls.alertSent).toBe(alert);
      await client.until(theirs);
    });

  it("log the same secrets", async () => {
    const scene = scenes.p256;
    const keyLog: string[] = [];
    const { ours, port } = await listening(() => scene.server({ keyLog }));
    const { dir } = folder({});
    scene.sClient(port, "-keylogfile", `${dir}/keys.log`);
    const accepted = await ours.connection();
    await accepted.until(() => accepted.tls.state === "open");
    const theirs = execFileSync("grep", ["_", `${dir}/keys.log`], { encoding: "utf8" });
    expect([...keyLog].sort()).toEqual(theirs.trim().split("\n").sort());
  });
});

describe.skipIf(!openssl)("OpenSSL's x509", () => {
  const ask = (input: string, ...args: string[]) =>
    spawnSync("openssl", args, { input, encoding: "utf8" });

  for (const type of ["p256", "ed25519"] as const) {
    it(`verifies a ${type} chain of ours, for both purposes`, () => {
      const { pki, page } = scenes[type];
      const paths = folder({
        root: certificateToPem(pki.root.certificate),
        ca: certificateToPem(pki.ca.certificate),
        leaf: certificateToPem(page.chain[0]!),
      });
      for (const purpose of ["sslserver", "sslclient"]) {
        const files = ["-CAfile", paths.root!, "-untrusted", paths.ca!, paths.leaf!];
        const said = ask("", "verify", "-x509_strict", "-purpose", purpose, ...files);
        expect(said.stdout + said.stderr).toBe(`${paths.leaf}: OK\n`);
      }
    });

    it(`prints a ${type} certificate as we do`, () => {
      const { pki, page } = scenes[type];
      const leaf = pki.leaf(PAGE, {
        alternativeNames: [
          { kind: "uri", value: PAGE },
          { kind: "dns", value: "a.example" },
          { kind: "ip", value: "10.4.3.20" },
          { kind: "ip", value: "fd00::10:1" },
          { kind: "email", value: "a@b.example" },
        ],
      });
      for (const certificate of [
        pki.root.certificate,
        pki.ca.certificate,
        ...page.chain,
        ...leaf.chain,
      ])
        expect(certificateText(certificate)).toBe(
          ask(certificateToPem(certificate), "x509", "-text", "-noout").stdout,
        );
    });

    it(`accepts and prints a ${type} request of ours; we accept and print its`, () => {
      const key = generateKey(type, new Rng(8, "request"));
      const subject = makeName([["O", "cluster.local"]]);
      const names = [{ kind: "uri", value: PAGE }] as const;
      for (const fields of [{ subject, alternativeNames: names }, { subject: makeName([]) }]) {
        const request = makeRequest(fields, key);
        const said = ask(requestToPem(request), "req", "-verify", "-text", "-noout");
        expect(said.stderr).toBe("Certificate request self-signature verify OK\n");
        expect(requestText(request)).toBe(said.stdout);
      }
      const { key: path = "" } = folder({ key: privateKeyToPem(key) });
      const extra = ["-subj", "/O=theirs", "-addext", `subjectAltName=URI:${PAGE}`];
      const theirs = ask("", "req", "-new", "-key", path, ...extra).stdout;
      const read = requestFromPem(theirs)!;
      expect(verifyRequest(read)).toBe(true);
      expect(read.alternativeNames).toEqual([{ kind: "uri", value: PAGE }]);
      expect(requestText(read)).toBe(ask(theirs, "req", "-text", "-noout").stdout);
    });

    it(`writes ${type} keys that we read, and reads ours`, () => {
      const args = type === "p256" ? ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["ED25519"];
      const theirs = ask("", "genpkey", "-algorithm", ...args).stdout;
      const key = privateKeyFromPem(theirs)!;
      expect(key.type).toBe(type);
      expect(privateKeyToPem(key)).toBe(theirs);
      if (type === "ed25519") return;
      const older = ask(theirs, "ec").stdout;
      expect(older).toContain("EC PRIVATE KEY");
      expect(privateKeyFromPem(older)).toEqual(key);
    });
  }

  it("prints every extension that we know as we do", () => {
    const { key = "", config = "" } = folder({
      key: privateKeyToPem(scenes.p256.pki.root.key),
      config: `[req]
distinguished_name=name
x509_extensions=all
prompt=no
[name]
CN=Zürich
[all]
basicConstraints=critical,CA:true,pathlen:3
keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly
extendedKeyUsage=serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,anyExtendedKeyUsage,1.2.3
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid:always,issuer:always
nameConstraints=permitted;DNS:a.b,permitted;URI:.cluster.local,excluded;IP:10.0.0.0/255.0.0.0
certificatePolicies=1.2.3.4,@policy,2.5.29.32.0
crlDistributionPoints=URI:http://a/b,URI:http://c/d
authorityInfoAccess=OCSP;URI:http://o/,caIssuers;URI:http://ca/x.cer
subjectAltName=otherName:1.2.3;UTF8:hi,dirName:name,RID:1.2.3.4,URI:${PAGE}
issuerAltName=email:a@b.c
nsComment="hi there"
1.2.3.4.5=ASN1:UTF8String:unknown
[policy]
policyIdentifier=2.23.140.1.2.1
CPS.1=http://cps/
`,
    });
    const theirs = ask("", "req", "-x509", "-new", "-utf8", "-key", key, "-config", config).stdout;
    const [read] = certificatesFromPem(theirs);
    expect(certificateText(read!)).toBe(ask(theirs, "x509", "-text", "-noout").stdout);
  });

  it("prints names, numbers and keys of all kinds as we do", () => {
    const { key = "" } = folder({ key: privateKeyToPem(scenes.p256.pki.root.key) });
    for (const subject of [
      "/",
      "/C=US/ST=CA/O=A, B/CN= x #y",
      '/CN=Zürich "q" \\\\ <>;',
      "/DC=a/DC=b",
    ])
      for (const serial of [
        "1",
        "0x7fffffffffffffff",
        "0x8000000000000001",
        "0xff00000000000000000001",
      ]) {
        const args = [
          "-x509",
          "-new",
          "-utf8",
          "-key",
          key,
          "-subj",
          subject,
          "-set_serial",
          serial,
        ];
        const theirs = ask("", "req", ...args).stdout;
        const [read] = certificatesFromPem(theirs);
        expect(certificateText(read!)).toBe(ask(theirs, "x509", "-text", "-noout").stdout);
      }
    const rsa = ask(
      "",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "-",
      "-subj",
      "/CN=r",
    );
    const [read] = certificatesFromPem(rsa.stdout);
    expect(certificateText(read!)).toBe(ask(rsa.stdout, "x509", "-text", "-noout").stdout);
  });
});

describe.skipIf(!has("tshark"))("tshark with our key log", () => {
  for (const suite of suites)
    it(`decrypts ${suite}`, () => {
      const scene = scenes.p256;
      const keyLog: string[] = [];
      const alpn = ["http/1.1"];
      const client = scene.client({
        suites: [suite],
        keyLog,
        groups: ["secp256r1", "x25519"],
        alpn,
      });
      const server = scene.server({ groups: ["x25519"], alpn });
      const { dir } = folder({});
      const frames = conversation(client, server, () => {
        client.send(Buffer.from("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"));
        client.updateKeys(true);
      });
      writeFileSync(`${dir}/a.pcapng`, frames);
      writeFileSync(`${dir}/keys.log`, `${keyLog.join("\n")}\n`);
      const fields = ["-T", "fields", "-e", "tls.handshake.type", "-e", "http.request.uri"];
      const told = ["-o", `tls.keylog_file:${dir}/keys.log`, "-d", "tcp.port==443,tls"];
      const said = execFileSync("tshark", ["-r", `${dir}/a.pcapng`, ...told, ...fields], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      expect(said).toContain("/secret");
      // Hello, retry, hello; hello and, decrypted, all that follows; both key updates.
      for (const type of [1, 2, 8, 13, 11, 15, 20, 24])
        expect(said).toMatch(new RegExp(`\\b${type}\\b`));
    });
});

describe("Node's tls", () => {
  it("is served by our server", async () => {
    const scene = scenes.p256;
    const { ours, port } = await listening(() => scene.server());
    const socket = tlsConnect({
      host: "127.0.0.1",
      port,
      ca: certificateToPem(scene.pki.root.certificate),
      servername: "localhost",
      ALPNProtocols: ["h2"],
      ...pem(scene.sleep),
    });
    endings.push(() => socket.destroy());
    const accepted = await ours.connection();
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write("from node");
    await accepted.until(() => accepted.bytes.toString() === "from node");
    const bulk = new Rng(1, "bulk").bytes(300_000);
    accepted.send(bulk);
    accepted.close();
    await new Promise((done) => socket.on("end", done));
    expect(Buffer.concat(chunks).equals(bulk)).toBe(true);
    expect([socket.authorized, socket.alpnProtocol, socket.getProtocol()]).toEqual([
      true,
      "h2",
      "TLSv1.3",
    ]);
    expect(accepted.tls.serverName).toBe("localhost");
    expect(uriNames(accepted.tls.peerCertificates[0]!)).toEqual([SLEEP]);
  });

  it("serves our client, and its tickets do not confuse it", async () => {
    const scene = scenes.p256;
    const bulk = new Rng(2, "bulk").bytes(300_000);
    const server = tlsServer(
      {
        ca: certificateToPem(scene.pki.root.certificate),
        requestCert: true,
        rejectUnauthorized: true,
        ALPNProtocols: ["h2"],
        ...pem(scene.page),
      },
      (socket: TLSSocket) => socket.pipe(socket),
    );
    endings.push(() => server.close());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const ours = await dialTo(port, scene.client({ serverName: "localhost" }));
    ours.send(bulk);
    await ours.until(() => ours.bytes.length >= bulk.length);
    expect(ours.bytes.equals(bulk)).toBe(true);
    ours.close();
  });
});
