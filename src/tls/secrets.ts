import type { Bytes } from "../wire/bytes.ts";
import type { TlsConnection } from "./connection.ts";
import { logSecret } from "./key-log.ts";
import { deriveSecret, handshakeSecret, masterSecret } from "./key-schedule.ts";

/** Secrets that live as long as the handshake (RFC 8446 §7.1). */
export interface HandshakeSecrets {
  handshake: Bytes;
  client: Bytes;
  server: Bytes;
  /** Those of application data, once the server's Finished is in the transcript. */
  clientTraffic: Bytes;
  serverTraffic: Bytes;
}

function log(connection: TlsConnection, label: string, secret: Bytes): void {
  const { keyLog } = connection.settings;
  if (keyLog) logSecret(keyLog, label, connection.clientRandom, secret);
}

/** When ServerHello is in the transcript: the secrets of the handshake. */
export function deriveHandshakeSecrets(connection: TlsConnection, shared: Bytes): HandshakeSecrets {
  const { suite } = connection;
  const handshake = handshakeSecret(suite, shared);
  const hash = connection.transcriptHash();
  const client = deriveSecret(suite, handshake, "c hs traffic", hash);
  const server = deriveSecret(suite, handshake, "s hs traffic", hash);
  log(connection, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", client);
  log(connection, "SERVER_HANDSHAKE_TRAFFIC_SECRET", server);
  const nothing = new Uint8Array(0);
  const secrets = { handshake, client, server, clientTraffic: nothing, serverTraffic: nothing };
  connection.secrets = secrets;
  return secrets;
}

/** When the server's Finished is in the transcript: the secrets of application data. */
export function deriveTrafficSecrets(connection: TlsConnection, secrets: HandshakeSecrets): void {
  const { suite } = connection;
  const master = masterSecret(suite, secrets.handshake);
  const hash = connection.transcriptHash();
  secrets.clientTraffic = deriveSecret(suite, master, "c ap traffic", hash);
  secrets.serverTraffic = deriveSecret(suite, master, "s ap traffic", hash);
  log(connection, "CLIENT_TRAFFIC_SECRET_0", secrets.clientTraffic);
  log(connection, "SERVER_TRAFFIC_SECRET_0", secrets.serverTraffic);
  // Nobody exports keys here, but a key log has this line, too.
  if (connection.settings.keyLog)
    log(connection, "EXPORTER_SECRET", deriveSecret(suite, master, "exp master", hash));
}
